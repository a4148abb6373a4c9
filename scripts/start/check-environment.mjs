// Prints one line that says which variables are bad, for all services together; nothing when all is well.
import { SERVICES, serviceFile } from '../bootstrap/paths.mjs';

const issues = new Map();
for (const service of SERVICES) {
  const { parseConfig } = await import(serviceFile(service, 'config.js'));
  try {
    parseConfig(process.env);
  } catch (error) {
    if (!Array.isArray(error.issues)) throw error;
    for (const { name, message } of error.issues) issues.set(name, `${name} ${message}`);
  }
}
if (issues.size > 0) console.log(`the environment is not usable: ${[...issues.values()].join('; ')}`);
