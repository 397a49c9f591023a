export { decodeConfig, looksLikeConfig, readDocument } from './document.ts';
export { ConfigError } from './error.ts';
export { loggedTypes } from './polarity.ts';
