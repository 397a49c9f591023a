export { type Acl, parseAcl } from './acl.ts';
export { WRITABLE_PARTS } from './folders.ts';
export { BREADTHS, gainOf } from './gain.ts';
export { gradeEntry } from './grade.ts';
export { type GuestTool, guestTool, LOADERS } from './programs.ts';
export { type Room, ROOMS } from './room.ts';
