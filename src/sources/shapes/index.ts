export { eventOf, recordOf } from './recognition.ts';
