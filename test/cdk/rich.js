// Much of what IAM has, a nested stack, and two stacks of which one reads what the other
// exports.
const cdk = require('aws-cdk-lib');
const iam = require('aws-cdk-lib/aws-iam');
const secretsmanager = require('aws-cdk-lib/aws-secretsmanager');

const env = { account: '123456789012', region: 'us-east-1' };

function statement(action, resource = '*', effect = 'Allow') {
  return new iam.PolicyStatement({ effect: iam.Effect[effect.toUpperCase()], actions: [action], resources: [resource] });
}

function entities(stack) {
  const group = new iam.Group(stack, 'Group', {
    groupName: 'devs',
    managedPolicies: [iam.ManagedPolicy.fromAwsManagedPolicyName('ReadOnlyAccess')],
  });
  group.addToPolicy(statement('ec2:Describe*'));
  const boundary = new iam.ManagedPolicy(stack, 'Boundary', { statements: [statement('s3:*')] });
  const policy = new iam.ManagedPolicy(stack, 'ManagedPolicy', {
    managedPolicyName: 'DevPolicy', path: '/team/', description: 'for developers', groups: [group], statements: [statement('s3:GetObject', 'arn:aws:s3:::bucket/*')],
  });
  const user = new iam.User(stack, 'User', {
    userName: 'dev', groups: [group], managedPolicies: [policy], permissionsBoundary: boundary,
    password: cdk.SecretValue.unsafePlainText('Passw0rd!Passw0rd!'), passwordResetRequired: true,
  });
  cdk.Tags.of(user).add('team', 'a');
  user.addToPolicy(statement('iam:*', '*', 'Deny'));
  const role = new iam.Role(stack, 'Role', {
    roleName: 'web', assumedBy: new iam.CompositePrincipal(new iam.ServicePrincipal('ec2.amazonaws.com'), new iam.AccountPrincipal(env.account)),
    maxSessionDuration: cdk.Duration.hours(2), permissionsBoundary: boundary, managedPolicies: [policy],
    inlinePolicies: { inline: new iam.PolicyDocument({ statements: [statement('sns:Publish')] }) },
  });
  new iam.InstanceProfile(stack, 'Profile', { instanceProfileName: 'box', role });
  new iam.Policy(stack, 'Shared', { policyName: 'shared', users: [user], groups: [group], roles: [role], statements: [statement('sqs:SendMessage')] });
  return { user, role };
}

function providers(stack) {
  const provider = new iam.OidcProviderNative(stack, 'Provider', {
    url: 'https://token.actions.githubusercontent.com', clientIds: ['sts.amazonaws.com'], thumbprints: ['6938fd4d98bab03faadb97b34396831e3780aea1'],
  });
  new iam.Role(stack, 'Deployer', {
    roleName: 'deployer',
    assumedBy: new iam.WebIdentityPrincipal(provider.oidcProviderArn, { StringLike: { 'token.actions.githubusercontent.com:sub': 'repo:a/b:*' } }),
  });
  new iam.CfnServiceLinkedRole(stack, 'Linked', { awsServiceName: 'autoscaling.amazonaws.com' });
}

function secrets(stack, role) {
  const generated = new secretsmanager.Secret(stack, 'Generated', {
    generateSecretString: { secretStringTemplate: '{"username":"u"}', generateStringKey: 'password', passwordLength: 40, excludePunctuation: true },
  });
  generated.grantRead(role);
  generated.addToResourcePolicy(new iam.PolicyStatement({
    actions: ['secretsmanager:GetSecretValue'], resources: ['*'], principals: [new iam.AccountRootPrincipal()],
  }));
}

function rich(app) {
  const stack = new cdk.Stack(app, 'Rich', { env });
  const { role } = entities(stack);
  providers(stack);
  secrets(stack, role);

  const parent = new cdk.Stack(app, 'Parent', { env });
  const nested = new cdk.NestedStack(parent, 'Nested');
  const inner = new iam.User(nested, 'User', { userName: 'inner' });
  new iam.AccessKey(parent, 'Key', { user: inner });

  const producer = new cdk.Stack(app, 'Producer', { env });
  const shared = new iam.User(producer, 'User', { userName: 'shared' });
  const consumer = new cdk.Stack(app, 'Consumer', { env });
  const key = new iam.AccessKey(consumer, 'Key', { user: shared });
  new secretsmanager.Secret(consumer, 'Secret', {
    secretObjectValue: { id: cdk.SecretValue.unsafePlainText(key.accessKeyId), secret: key.secretAccessKey },
  });
}

module.exports = rich;
