/** What the reader says beside the records. Offsets count bytes from the start of the file. */
export type EvtxCode =
  | 'evtx-file-header'
  | 'evtx-file-header-checksum'
  | 'evtx-truncated'
  | 'evtx-chunks-missing'
  | 'evtx-chunk-magic'
  | 'evtx-chunk-header'
  | 'evtx-chunk-header-checksum'
  | 'evtx-chunk-data-checksum'
  | 'evtx-record-header'
  | 'evtx-record-size-copy'
  | 'evtx-record-body'
  | 'evtx-record-fields'
  | 'evtx-records-missing'
  | 'evtx-records-past-counters'
  | 'evtx-records-in-slack';

export interface EvtxDiagnostic {
  readonly kind: 'diagnostic';
  readonly code: EvtxCode;
  readonly severity: 'error' | 'warning' | 'info';
  readonly message: string;
  readonly offset: number;
  /** Records known to be lost here. */
  readonly lost: number;
  readonly record?: number;
}

/** Makes a diagnostic of a chunk: `at` counts bytes from the chunk's start. */
export type Say = (
  code: EvtxCode,
  severity: EvtxDiagnostic['severity'],
  at: number,
  lost: number,
  message: string,
  record?: number | null,
) => EvtxDiagnostic;

/** Stops the decoding of one record; never leaves this folder. */
export class BinXmlError extends Error {
  override readonly name: string = 'BinXmlError';
  /** Bytes from the start of the chunk. */
  readonly position: number;

  constructor(position: number, message: string) {
    super(message);
    this.position = position;
  }
}

/** `0x` and lower-case hexadecimal. */
export function hex(value: number): string {
  return `0x${value.toString(16)}`;
}

/** Why a record could not be read; anything but a fault of the data is a fault of ours and thrown. */
export function reasonOf(error: unknown): string {
  if (error instanceof BinXmlError) return `${error.message} (at ${hex(error.position)} of the chunk)`;
  if (error instanceof RangeError) return 'expected more bytes, found the end of the chunk';
  throw error;
}
