export { type Acl, parseAcl } from './acl.ts';
export { ACTORS, COMMANDS, DOMAINS, METADATA } from './fields.ts';
export { WRITABLE_SHAPE } from './folders.ts';
export { BREADTHS, gainOf } from './gain.ts';
export { gradeEntry } from './grade.ts';
export { type GuestTool, guestTool } from './guest-tools.ts';
export { LOADERS } from './programs.ts';
export { type Ask, compareRooms, type Room, ROOMS, weakest } from './rung.ts';
