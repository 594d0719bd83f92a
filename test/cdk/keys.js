// The app that aws_iam.AccessKey is documented with: a user, a key, and a secret that
// keeps the key's secret part.
const cdk = require('aws-cdk-lib');
const iam = require('aws-cdk-lib/aws-iam');
const kms = require('aws-cdk-lib/aws-kms');
const secretsmanager = require('aws-cdk-lib/aws-secretsmanager');

function keys(app, { synthesizer, serial, status, retain, noKey, more = 0, imported, customer, anywhere } = {}) {
  const stack = new cdk.Stack(app, 'Keys', {
    env: anywhere ? undefined : { account: '123456789012', region: 'us-east-1' },
    synthesizer: synthesizer && new cdk[synthesizer](),
  });
  const user = new iam.User(stack, 'User');
  new cdk.CfnOutput(stack, 'UserName', { value: user.userName });
  for (let i = 0; i < more; i++) {
    new iam.AccessKey(stack, `More${i}`, { user });
  }
  if (imported) {
    new iam.User(stack, 'Imported', { userName: imported });
  }
  if (customer) { // key and alias of KMS
    new kms.Key(stack, 'Customer', { alias: customer, enableKeyRotation: true, removalPolicy: cdk.RemovalPolicy.DESTROY });
  }
  if (noKey) {
    return;
  }
  const key = new iam.AccessKey(stack, 'AccessKey', { user, serial, status: iam.AccessKeyStatus[status] });
  if (retain) {
    key.applyRemovalPolicy(cdk.RemovalPolicy.RETAIN);
  }
  const secret = new secretsmanager.Secret(stack, 'Secret', { secretStringValue: key.secretAccessKey });
  new cdk.CfnOutput(stack, 'KeyId', { value: key.accessKeyId });
  new cdk.CfnOutput(stack, 'SecretArn', { value: secret.secretArn });
}

module.exports = keys;
