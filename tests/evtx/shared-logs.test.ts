/** The real event logs beside the repository, against what two other readers counted in them. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type EvtxDiagnostic, type EvtxRecord, readEvtx } from '../../src/evtx/index.ts';
import { SHARED } from '../builders/shared.ts';

interface Counts {
  readonly records: number;
  readonly providerEventIds: Readonly<Record<string, number>>;
  readonly computers: Readonly<Record<string, number>>;
  readonly event8Pairs: Readonly<Record<string, number>>;
}
interface Entry {
  readonly sha256: string;
  readonly parsersAgree: boolean;
  readonly expected?: Counts;
  readonly libevtx?: Counts;
  readonly pythonEvtx?: Counts;
}

function count(bytes: Uint8Array): { counts: Counts; lost: number } {
  const [providerEventIds, computers, event8Pairs]: Record<string, number>[] = [{}, {}, {}];
  let [records, lost] = [0, 0];
  for (const item of readEvtx(bytes)) {
    if (item.kind === 'diagnostic') {
      lost += item.lost;
      continue;
    }
    records += 1;
    add(providerEventIds!, `${item.provider}|${item.eventId}`);
    add(computers!, item.host);
    if (item.provider === 'Microsoft-Windows-Sysmon' && item.eventId === 8) {
      add(event8Pairs!, `${item.fields.get('SourceImage')} -> ${item.fields.get('TargetImage')}`);
    }
  }
  return {
    counts: {
      records,
      providerEventIds: providerEventIds!,
      computers: computers!,
      event8Pairs: event8Pairs!,
    },
    lost,
  };
}

function add(counts: Record<string, number>, key: string): void {
  counts[key] = (counts[key] ?? 0) + 1;
}

const only = ({ records, providerEventIds, computers, event8Pairs }: Counts): Counts => ({
  records,
  providerEventIds,
  computers,
  event8Pairs,
});

/** Counts of a reader without the records that it could not name: no provider, id 0. */
function named(counts: Counts): Counts {
  const nameless = counts.providerEventIds['|0'] ?? 0;
  const { '|0': _, ...providerEventIds } = counts.providerEventIds;
  const computers = Object.fromEntries(
    Object.entries(counts.computers).map(([name, n]) => [name, n - nameless]),
  );
  return { ...counts, records: counts.records - nameless, providerEventIds, computers };
}

test('real event logs: what others count, or more', { skip: SHARED ? false : 'no ../shared' }, async (t) => {
  const data = join(SHARED!, 'data');
  const { entries } = JSON.parse(readFileSync(join(data, 'expected-evtx-dev.json'), 'utf8')) as {
    entries: Entry[];
  };
  const files = new Map<string, string>();
  for (const name of readdirSync(join(data, 'evtx'), { recursive: true }).map(String)) {
    if (!name.endsWith('.evtx')) continue;
    files.set(
      createHash('sha256')
        .update(readFileSync(join(data, 'evtx', name)))
        .digest('hex'),
      name,
    );
  }
  for (const entry of entries) {
    const name = files.get(entry.sha256);
    assert.ok(name, `no file with the SHA-256 ${entry.sha256}`);
    await t.test(name, () => {
      const { counts, lost } = count(readFileSync(join(data, 'evtx', name)));
      if (entry.parsersAgree) {
        assert.deepEqual(counts, only(entry.expected!));
        return;
      }
      // Where they differ: no less than either names, and what one could not name is reported as lost.
      const others = [entry.libevtx!, entry.pythonEvtx!];
      const best = others.map(named).sort((a, b) => b.records - a.records)[0]!;
      if (counts.records === best.records) assert.deepEqual(counts, only(best));
      else assert.ok(counts.records > best.records);
      if (others.some((other) => other.providerEventIds['|0'])) assert.ok(lost > 0);
    });
  }
});

test('--recover reads what stands behind damage', { skip: SHARED ? false : 'no ../shared' }, () => {
  const read = (name: string, recover: boolean): (EvtxRecord | EvtxDiagnostic)[] => [
    ...readEvtx(readFileSync(join(SHARED!, 'data/evtx', name)), { recover }),
  ];
  for (const name of [
    'log2timeline+plaso/System2.evtx',
    'omerbenamram+evtx/sample-with-zero-data-size-event.evtx',
  ]) {
    const [plain, recovered] = [read(name, false), read(name, true)];
    const records = (items: typeof plain): number => items.filter(({ kind }) => kind === 'record').length;
    const lost = (items: typeof plain): number =>
      items.reduce((sum, item) => sum + (item.kind === 'diagnostic' ? item.lost : 0), 0);
    assert.ok(records(recovered) > records(plain), name);
    assert.equal(
      records(recovered) + lost(recovered),
      records(plain) + lost(plain),
      `${name}: none appears or is lost`,
    );
    const ids = recovered.flatMap((item) => (item.kind === 'record' ? [item.record!] : []));
    assert.equal(new Set(ids).size, ids.length, `${name}: no record twice`);
  }
});
