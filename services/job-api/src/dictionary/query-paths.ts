/** The version's own address is the page that explains it. */
export const instructionsPath = '/api/v1';
export const queryPath = '/api/v1/json';
