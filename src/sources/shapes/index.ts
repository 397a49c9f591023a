export { eventOf } from './recognition.ts';
