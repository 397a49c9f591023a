/** The event that is being decided: each of its fields is read once, and folded once, whichever rules ask for it. */
import { type Event, foldAscii } from '../events/index.ts';
import type { FieldReader, FoldableValue } from './value-test.ts';

export class CurrentEvent {
  /** Counts events: what is remembered of an earlier one is known by its turn. The event itself may be a reused object. */
  turn = 0;
  private own: Event | null = null;
  private readonly reader: (field: string) => FieldReader;
  private readonly fields = new Map<string, CurrentField>();

  /** `reader` is that of the logsource whose rules are asked. */
  constructor(reader: (field: string) => FieldReader) {
    this.reader = reader;
  }

  get event(): Event {
    return this.own!;
  }

  set event(event: Event) {
    this.own = event;
    this.turn += 1;
  }

  /** The field of this name, of whichever event is current. */
  field(name: string): CurrentField {
    let field = this.fields.get(name);
    if (!field) {
      field = new CurrentField(this, this.reader(name));
      this.fields.set(name, field);
    }
    return field;
  }
}

export class CurrentField implements FoldableValue {
  private readonly current: CurrentEvent;
  private readonly read: FieldReader;
  private turn = 0;
  private own: string | undefined = undefined;
  private lower: string | undefined = undefined;

  constructor(current: CurrentEvent, read: FieldReader) {
    this.current = current;
    this.read = read;
  }

  /** Undefined where the event lacks it. */
  get value(): string | undefined {
    if (this.turn !== this.current.turn) {
      this.turn = this.current.turn;
      this.lower = undefined;
      this.own = this.read(this.current.event);
    }
    return this.own;
  }

  /** The value of a field that is there. */
  get text(): string {
    return this.value ?? '';
  }

  get folded(): string {
    const { text } = this;
    return (this.lower ??= foldAscii(text));
  }
}
