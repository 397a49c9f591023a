/**
 * Where Sigma's logsources are in Windows' event logs. Sources: the taxonomy appendix of the Sigma specification
 * (categories, services and their channels), SigmaHQ's tests/thor.yml (services that the appendix lacks) and pySigma's
 * windows and sysmon pipelines with Hayabusa's audit mapping (which records of Security stand for a category).
 */

/** Categories -> ids of Sysmon. */
export const SYSMON_CATEGORIES: Readonly<Record<string, readonly number[]>> = {
  process_creation: [1],
  file_change: [2],
  network_connection: [3],
  sysmon_status: [4, 16],
  process_termination: [5],
  driver_load: [6],
  image_load: [7],
  create_remote_thread: [8],
  raw_access_thread: [9],
  process_access: [10],
  file_event: [11],
  // 12 holds both; the rules ask for EventType where they mean one of them, and so does every converter.
  registry_add: [12],
  registry_delete: [12],
  registry_set: [13],
  registry_rename: [14],
  registry_event: [12, 13, 14],
  create_stream_hash: [15],
  pipe_created: [17, 18],
  wmi_event: [19, 20, 21],
  dns_query: [22],
  file_delete: [23, 26],
  file_delete_detected: [26],
  clipboard_capture: [24],
  clipboard_change: [24],
  process_tampering: [25],
  file_block_executable: [27],
  file_block_shredding: [28],
  file_executable_detected: [29],
  sysmon_error: [255],
};

/** Ids that Sysmon for Linux writes. */
export const LINUX_IDS: ReadonlySet<number> = new Set([1, 3, 4, 5, 9, 10, 11, 16, 23, 255]);

/** Categories -> ids in the channels of a service. */
export const SERVICE_CATEGORIES: Readonly<
  Record<string, { readonly service: string; readonly ids: readonly number[] }>
> = {
  ps_module: { service: 'powershell', ids: [4103] },
  ps_script: { service: 'powershell', ids: [4104] },
  ps_classic_start: { service: 'powershell-classic', ids: [400] },
  ps_classic_provider_start: { service: 'powershell-classic', ids: [600] },
  ps_classic_script: { service: 'powershell-classic', ids: [800] },
  // Those of Microsoft Defender's records that name a threat or a path.
  antivirus: {
    service: 'windefend',
    ids: [1006, 1007, 1008, 1009, 1010, 1011, 1012, 1017, 1018, 1019, 1115, 1116],
  },
};

const operational = (...names: readonly string[]): readonly string[] =>
  names.map((name) => `Microsoft-Windows-${name}/Operational`);

/** Services -> channels. `sysmon` is not here: its records are known by their provider. */
export const SERVICE_CHANNELS: Readonly<Record<string, readonly string[]>> = {
  application: ['Application'],
  security: ['Security'],
  system: ['System'],
  'application-experience': [
    'Microsoft-Windows-Application-Experience/Program-Telemetry',
    'Microsoft-Windows-Application-Experience/Program-Compatibility-Assistant',
  ],
  applocker: [
    'Microsoft-Windows-AppLocker/EXE and DLL',
    'Microsoft-Windows-AppLocker/MSI and Script',
    'Microsoft-Windows-AppLocker/Packaged app-Deployment',
    'Microsoft-Windows-AppLocker/Packaged app-Execution',
  ],
  'appmodel-runtime': ['Microsoft-Windows-AppModel-Runtime/Admin'],
  'appxdeployment-server': operational('AppXDeploymentServer'),
  'appxpackaging-om': operational('AppxPackaging'),
  bitlocker: ['Microsoft-Windows-BitLocker/BitLocker Management'],
  'bits-client': operational('Bits-Client'),
  capi2: operational('CAPI2'),
  'certificateservicesclient-lifecycle-system': operational('CertificateServicesClient-Lifecycle-System'),
  'codeintegrity-operational': operational('CodeIntegrity'),
  dhcp: operational('DHCP-Server'),
  'diagnosis-scripted': operational('Diagnosis-Scripted'),
  // The appendix has the name that Event Viewer shows; the channel itself has the other one.
  'dns-client': operational('DNS Client Events', 'DNS-Client'),
  'dns-server': ['DNS Server'],
  'dns-server-analytic': ['Microsoft-Windows-DNS-Server/Analytical'],
  'dns-server-audit': ['Microsoft-Windows-DNS-Server/Audit', 'Microsoft-Windows-DNSServer/Audit'],
  'driver-framework': operational('DriverFrameworks-UserMode'),
  'firewall-as': ['Microsoft-Windows-Windows Firewall With Advanced Security/Firewall'],
  'hyper-v-worker': [
    'Microsoft-Windows-Hyper-V-Worker',
    'Microsoft-Windows-Hyper-V-Worker-Admin',
    'Microsoft-Windows-Hyper-V-Worker-Operational',
  ],
  'iis-configuration': ['Microsoft-IIS-Configuration/Operational'],
  'kernel-event-tracing': [
    'Microsoft-Windows-Kernel-EventTracing',
    'Microsoft-Windows-Kernel-EventTracing/Admin',
  ],
  'kernel-shimengine': [
    'Microsoft-Windows-Kernel-ShimEngine/Operational',
    'Microsoft-Windows-Kernel-ShimEngine/Diagnostic',
  ],
  ldap: ['Microsoft-Windows-LDAP-Client/Debug'],
  ldap_debug: ['Microsoft-Windows-LDAP-Client/Debug'],
  'lsa-server': operational('LSA'),
  'microsoft-servicebus-client': [
    'Microsoft-ServiceBus-Client',
    'Microsoft-ServiceBus-Client/Admin',
    'Microsoft-ServiceBus-Client/Operational',
  ],
  'msexchange-management': ['MSExchange Management'],
  ntfs: operational('Ntfs'),
  ntlm: operational('NTLM'),
  openssh: ['OpenSSH/Operational'],
  powershell: ['Microsoft-Windows-PowerShell/Operational', 'PowerShellCore/Operational'],
  'powershell-classic': ['Windows PowerShell'],
  'printservice-admin': ['Microsoft-Windows-PrintService/Admin'],
  'printservice-operational': operational('PrintService'),
  'security-mitigations': [
    'Microsoft-Windows-Security-Mitigations/Kernel Mode',
    'Microsoft-Windows-Security-Mitigations/User Mode',
  ],
  sense: operational('SENSE'),
  'servicebus-client': [
    'Microsoft-ServiceBus-Client',
    'Microsoft-ServiceBus-Client/Admin',
    'Microsoft-ServiceBus-Client/Operational',
  ],
  'shell-core': operational('Shell-Core'),
  'smbclient-connectivity': ['Microsoft-Windows-SmbClient/Connectivity'],
  'smbclient-operational': operational('SmbClient'),
  'smbclient-security': ['Microsoft-Windows-SmbClient/Security'],
  'smbserver-connectivity': ['Microsoft-Windows-SMBServer/Connectivity'],
  'smbserver-operational': operational('SMBServer'),
  'smbserver-security': ['Microsoft-Windows-SMBServer/Security'],
  taskscheduler: operational('TaskScheduler'),
  'terminalservices-localsessionmanager': operational('TerminalServices-LocalSessionManager'),
  'terminalservices-remoteconnectionmanager': operational('TerminalServices-RemoteConnectionManager'),
  vhdmp: operational('VHDMP'),
  windefend: operational('Windows Defender'),
  winrm: operational('WinRM'),
  wmi: operational('WMI-Activity'),
};
