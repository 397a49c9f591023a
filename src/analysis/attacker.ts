/** Values that an attacker would choose, for events that show what an entry opens. */

const CHOICES: Readonly<Record<string, string>> = {
  Image: 'C:\\Users\\u\\attacker.exe',
  SourceImage: 'C:\\Users\\u\\attacker.exe',
  TargetImage: 'C:\\Windows\\System32\\lsass.exe',
  CommandLine: 'attacker.exe',
  TargetFilename: 'C:\\Users\\Public\\attacker.exe',
  ImageLoaded: 'C:\\Users\\Public\\attacker.dll',
  QueryName: 'attacker.example',
  GrantedAccess: '0x1FFFFF',
};

/** A field's value of an attacker's choice; undefined for one that says nothing of what he does. */
export function attackersChoice(field: string): string | undefined {
  return Object.hasOwn(CHOICES, field) ? CHOICES[field] : undefined;
}

/** The event with fields of an attacker's choice added that it leaves open, as long as what is said of it stays true. */
export function fleshedOut(
  event: Readonly<Record<string, string>>,
  fields: readonly string[],
  staysTrue: (event: Readonly<Record<string, string>>) => boolean,
): Record<string, string> {
  let now = { ...event };
  for (const field of fields) {
    const choice = attackersChoice(field);
    if (choice === undefined || Object.hasOwn(now, field)) continue;
    const more = { ...now, [field]: choice };
    if (staysTrue(more)) now = more;
  }
  return now;
}
