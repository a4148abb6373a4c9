/** The version that the services tell of themselves; a test holds it to their package.json. */
export const serviceVersion = '0.1.0';
