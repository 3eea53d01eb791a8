/**
 * Runs before every script of package.json, in plain JavaScript that any Node reads. Ends a script
 * that lacks its Node or a package with one sentence.
 */
if (import.meta.main === undefined || !process.features.typescript) {
  end(`this needs Node 24, not ${process.version}: npm ci --ignore-scripts=false installs it here`);
}
process.on('uncaughtExceptionMonitor', (error) => {
  const [, name] = /^Cannot find (?:package '|module '.*\/node_modules\/)([^'/]+)/.exec(error?.message) ?? [];
  if (name !== undefined) end(`the package ${name} is not installed: npm ci --include=dev installs it`);
});

function end(sentence) {
  console.error(sentence);
  process.exit(1);
}
