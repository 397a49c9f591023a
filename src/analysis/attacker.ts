/** Values that an attacker would choose, for events that show what an entry opens. */

/** What he acts with. */
const MEANS: Readonly<Record<string, string>> = {
  Image: 'C:\\Users\\u\\attacker.exe',
  SourceImage: 'C:\\Users\\u\\attacker.exe',
  ImageLoaded: 'C:\\Users\\Public\\attacker.dll',
};

/** What he does, and to whom. */
const DEEDS: Readonly<Record<string, string>> = {
  TargetImage: 'C:\\Windows\\System32\\lsass.exe',
  CommandLine: 'attacker.exe',
  TargetFilename: 'C:\\Users\\Public\\attacker.exe',
  QueryName: 'attacker.example',
  GrantedAccess: '0x1FFFFF',
};

/** What an attacker would do in a field, whoever he acts as; undefined for one that says nothing of it. */
export function attackersDeed(field: string): string | undefined {
  return Object.hasOwn(DEEDS, field) ? DEEDS[field] : undefined;
}

/** The event with fields of an attacker's choice added that it leaves open, as long as what is said of it stays true. */
export function fleshedOut(
  event: Readonly<Record<string, string>>,
  fields: readonly string[],
  staysTrue: (event: Readonly<Record<string, string>>) => boolean,
): Record<string, string> {
  let now = { ...event };
  for (const field of fields) {
    const choice = attackersDeed(field) ?? (Object.hasOwn(MEANS, field) ? MEANS[field] : undefined);
    if (choice === undefined || Object.hasOwn(now, field)) continue;
    const more = { ...now, [field]: choice };
    if (staysTrue(more)) now = more;
  }
  return now;
}
