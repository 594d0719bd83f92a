// node app.js VARIANT is an app as the cdk program runs it. node app.js --all FOLDER
// synthesizes every variant into a folder of its own, for cdk --app FOLDER/VARIANT, since
// loading the library takes longer than all of them.
const path = require('path');
const cdk = require('aws-cdk-lib');
const iam = require('aws-cdk-lib/aws-iam');
const keys = require('./keys');
const rich = require('./rich');

// A provider of the older kind is a custom resource behind a function of Lambda.
function custom(app) {
  const stack = new cdk.Stack(app, 'Custom', { synthesizer: new cdk.LegacyStackSynthesizer() });
  new iam.CfnUser(stack, 'User');
  const handler = new cdk.CfnResource(stack, 'Handler', {
    type: 'AWS::Lambda::Function',
    properties: { Runtime: 'nodejs24.x', Handler: 'index.handler', Role: 'arn:aws:iam::123456789012:role/x', Code: { ZipFile: '0' } },
  });
  new cdk.CustomResource(stack, 'Resource', { serviceToken: handler.getAtt('Arn').toString(), resourceType: 'Custom::AWSCDKOpenIdConnectProvider' });
}

const variants = {
  bare: (app) => keys(app, { noKey: true }),
  unnumbered: (app) => keys(app),
  serial1: (app) => keys(app, { serial: 1 }),
  serial2: (app) => keys(app, { serial: 2 }),
  inactive: (app) => keys(app, { serial: 2, status: 'INACTIVE' }),
  retain: (app) => keys(app, { serial: 2, status: 'ACTIVE', retain: true }),
  third: (app) => keys(app, { serial: 3, retain: true, more: 2 }),
  more: (app) => keys(app, { serial: 2, status: 'ACTIVE', retain: true, more: 2 }),
  imported: (app) => keys(app, { noKey: true, imported: 'imported' }),
  customer: (app) => keys(app, { customer: 'alias/iamd/test' }),
  anywhere: (app) => keys(app, { anywhere: true }),
  bootstrapless: (app) => keys(app, { synthesizer: 'BootstraplessSynthesizer' }),
  clicredentials: (app) => keys(app, { synthesizer: 'CliCredentialsStackSynthesizer' }),
  legacy: (app) => keys(app, { synthesizer: 'LegacyStackSynthesizer' }),
  rich,
  custom,
};

const [which, folder] = process.argv.slice(2);
if (which === '--all') {
  for (const [name, build] of Object.entries(variants)) {
    // What the cdk program asks for by itself: metadata, of which an app for any region has conditions.
    const app = new cdk.App({ outdir: path.join(folder, name), analyticsReporting: name === 'anywhere' });
    build(app);
    app.synth();
  }
} else {
  variants[which](new cdk.App());
}
