/** The version that reports and checkpoints carry; a test holds it to package.json. */
export const engineVersion = '0.1.0';
