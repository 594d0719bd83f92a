package test

import (
	"strings"
	"testing"
)

const nestedChild = `{"Parameters":{"Name":{"Type":"String"}},"Resources":{"User":{"Type":"AWS::IAM::User","Properties":{"UserName":{"Ref":"Name"}}}},
"Outputs":{"Arn":{"Value":{"Fn::GetAtt":["User","Arn"]}}}}`

const nestedParent = `
Parameters: {Bad: {Type: String, Default: "no"}, Name: {Type: String, Default: first}}
Conditions: {IsBad: !Equals [!Ref Bad, "yes"]}
Resources:
  Child: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: child.json, Parameters: {Name: !Ref Name}}}
  Group: {Type: AWS::IAM::Group, DependsOn: Child, Properties: {GroupName: !If [IsBad, "not a name", good]}}
  Bucket:
    Type: AWS::S3::Bucket
    Properties:
      VersioningConfiguration: {Status: Enabled}
      PublicAccessBlockConfiguration: {BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true}
      LifecycleConfiguration: {Rules: [{Id: old, Status: Enabled, NoncurrentVersionExpiration: {NoncurrentDays: 30}}]}
  Policy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Bucket
      PolicyDocument:
        Version: 2012-10-17
        Statement: {Effect: Deny, Principal: "*", Action: "s3:*", Resource: !Sub "${Bucket.Arn}/*", Condition: {Bool: {aws:SecureTransport: "false"}}}
Outputs: {Child: {Value: !GetAtt Child.Outputs.Arn}, Bucket: {Value: !Ref Bucket}}
`

// The AWS CLI's own way with templates: packaged into a bucket, deployed from there. A stack
// that is nested goes forward and back with the one around it.
func TestPackagedStack(t *testing.T) {
	t.Parallel()
	s := start(t)
	got := s.bash(t, `
set -e
cd "$(mktemp -d)"
cat > child.json <<'END'
`+nestedChild+`
END
cat > parent.yaml <<'END'
`+nestedParent+`
END
state() { aws cloudformation describe-stacks --stack-name nest --query 'Stacks[0].[StackStatus,Outputs[?OutputKey==`+"`Child`"+`].OutputValue|[0]]' --output text; }
deploy() { aws cloudformation deploy --template-file out.yaml --stack-name nest --s3-bucket templates --capabilities CAPABILITY_NAMED_IAM "$@" >deploy.log 2>&1; }
aws s3 mb s3://templates
aws cloudformation package --template-file parent.yaml --s3-bucket templates --output-template-file out.yaml >/dev/null 2>&1
deploy; state
deploy --parameter-overrides Bad=yes Name=second || state
deploy --parameter-overrides Bad=no Name=third; state
bucket=$(aws cloudformation describe-stacks --stack-name nest --query 'Stacks[0].Outputs[?OutputKey==`+"`Bucket`"+`].OutputValue' --output text)
aws s3api get-bucket-versioning --bucket $bucket --output text
echo hello > file; aws s3 cp file s3://$bucket/a/file --no-progress >/dev/null; aws s3 cp s3://$bucket/a/file - ; aws s3 ls s3://$bucket | tr -d ' '
aws s3 rm s3://$bucket --recursive --quiet
aws cloudformation delete-stack --stack-name nest; aws cloudformation wait stack-delete-complete --stack-name nest
aws iam list-users --query 'length(Users)'
aws s3 rb s3://templates --force | tail -1
aws s3 ls
`)
	mustRun(t, got)
	want := `make_bucket: templates
CREATE_COMPLETE	arn:aws:iam::123456789012:user/first
UPDATE_ROLLBACK_COMPLETE	arn:aws:iam::123456789012:user/first
UPDATE_COMPLETE	arn:aws:iam::123456789012:user/third
Enabled
hello
PREa/
0
remove_bucket: templates
`
	if got.stdout != want {
		t.Errorf("got\n%s\nwant\n%s", got.stdout, strings.TrimSpace(want))
	}
	mustRun(t, iamd(t, "doctor", "--data", s.data))
}
