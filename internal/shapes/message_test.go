package shapes_test

import (
	"strings"
	"testing"

	"github.com/iamd-project/iamd/internal/shapes"
	"github.com/iamd-project/iamd/internal/shapes/cloudformation"
	"github.com/iamd-project/iamd/internal/shapes/iam"
	"github.com/iamd-project/iamd/internal/shapes/secretsmanager"
	"github.com/iamd-project/iamd/internal/shapes/ssm"
	"github.com/iamd-project/iamd/internal/shapes/sts"
)

const (
	tagPattern = `[\p{L}\p{Z}\p{N}_.:/=+\-@]`
	key16      = "AKIAIOSFODNN7EXA"
)

// Texts marked "recorded" are those of real AWS, from LocalStack's validated
// snapshots and from what users quote in public threads.
func TestMessage(t *testing.T) {
	type request = shapes.Checkable
	long := strings.Repeat("k", 129)
	tests := []struct {
		name    string
		service *shapes.Service
		in      request
		absent  []string
		want    string
	}{
		{"recorded: enum of IAM, as a caller may set it", &iam.Service,
			&iam.UpdateAccessKeyRequest{AccessKeyId: key16, Status: "Expired"}, nil,
			"1 validation error detected: Value at 'status' failed to satisfy constraint: Member must satisfy enum value set: [Active, Inactive]"},
		{"recorded: pattern", &iam.Service,
			&iam.SetDefaultPolicyVersionRequest{PolicyArn: "arn:aws:iam::aws:policy/X", VersionId: "one"}, nil,
			`1 validation error detected: Value at 'versionId' failed to satisfy constraint: Member must satisfy regular expression pattern: v[1-9][0-9]*(\.[A-Za-z0-9-]*)?`},
		{"recorded: in a list", &iam.Service,
			&iam.TagUserRequest{UserName: "u", Tags: []iam.Tag{{Key: long}}}, nil,
			"1 validation error detected: Value at 'tags.1.member.key' failed to satisfy constraint: Member must have length less than or equal to 128"},
		{"recorded: a list too long", &iam.Service,
			&iam.TagUserRequest{UserName: "u", Tags: tags(51)}, nil,
			"1 validation error detected: Value at 'tags' failed to satisfy constraint: Member must have length less than or equal to 50"},
		{"recorded: elements, which must not be null", &iam.Service,
			&iam.UntagUserRequest{UserName: "u", TagKeys: []string{"ok", long, "#"}}, nil,
			"1 validation error detected: Value at 'tagKeys' failed to satisfy constraint: Member must satisfy constraint: [Member must have length less than or equal to 128, Member must have length greater than or equal to 1, Member must satisfy regular expression pattern: " + tagPattern + "+, Member must not be null]"},
		{"recorded: several, in the alphabet's order", &iam.Service,
			&iam.CreateOpenIDConnectProviderRequest{
				Url:            strings.Repeat("u", 256),
				ClientIDList:   []string{strings.Repeat("c", 256)},
				ThumbprintList: []string{"short"},
			}, nil,
			"3 validation errors detected: Value at 'clientIDList' failed to satisfy constraint: Member must satisfy constraint: [Member must have length less than or equal to 255, Member must have length greater than or equal to 1]; Value at 'thumbprintList' failed to satisfy constraint: Member must satisfy constraint: [Member must have length less than or equal to 40, Member must have length greater than or equal to 40]; Value at 'url' failed to satisfy constraint: Member must have length less than or equal to 255"},
		{"recorded: enum in a list, with the value", &cloudformation.Service,
			&cloudformation.CreateStackInput{StackName: "s", Capabilities: []string{"CAPABILITY_NAMED_IAM", " CAPABILITY_AUTO_EXPAND"}}, nil,
			"1 validation error detected: Value '[CAPABILITY_NAMED_IAM,  CAPABILITY_AUTO_EXPAND]' at 'capabilities' failed to satisfy constraint: Member must satisfy constraint: [Member must satisfy enum value set: [CAPABILITY_AUTO_EXPAND, CAPABILITY_NAMED_IAM, CAPABILITY_IAM]]"},
		{"recorded: an empty element", &cloudformation.Service,
			&cloudformation.CreateStackInput{StackName: "s", Capabilities: []string{""}}, nil,
			"1 validation error detected: Value '[]' at 'capabilities' failed to satisfy constraint: Member must satisfy constraint: [Member must satisfy enum value set: [CAPABILITY_AUTO_EXPAND, CAPABILITY_NAMED_IAM, CAPABILITY_IAM]]"},
		{"recorded: enum of SSM", &ssm.Service,
			&ssm.PutParameterRequest{Name: "n", Value: "v", Type: new("Text")}, nil,
			"1 validation error detected: Value 'Text' at 'type' failed to satisfy constraint: Member must satisfy enum value set: [SecureString, StringList, String]"},
		{"recorded: null", &secretsmanager.Service,
			&secretsmanager.GetSecretValueRequest{}, []string{"secretId"},
			"1 validation error detected: Value null at 'secretId' failed to satisfy constraint: Member must not be null"},
		{"recorded: an empty list", &ssm.Service,
			&ssm.GetParametersRequest{Names: []string{}}, nil,
			"1 validation error detected: Value '[]' at 'names' failed to satisfy constraint: Member must have length greater than or equal to 1"},
		{"recorded: pattern of STS", &sts.Service,
			&sts.AssumeRoleRequest{RoleArn: "arn:aws:iam::123456789012:role/r", RoleSessionName: "pic-ro- 6"}, nil,
			`1 validation error detected: Value 'pic-ro- 6' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w+=,.@-]*`},

		{"pattern before length", &sts.Service,
			&sts.AssumeRoleRequest{RoleArn: "arn:aws:iam::123456789012:role/r", RoleSessionName: "é"}, nil,
			`2 validation errors detected: Value 'é' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w+=,.@-]*; Value 'é' at 'roleSessionName' failed to satisfy constraint: Member must have length greater than or equal to 2`},
		{"null keeps its place, without the value in IAM", &iam.Service,
			&iam.UpdateAccessKeyRequest{Status: "no", UserName: new("#")}, []string{"accessKeyId"},
			`3 validation errors detected: Value at 'accessKeyId' failed to satisfy constraint: Member must not be null; Value at 'status' failed to satisfy constraint: Member must satisfy enum value set: [Active, Inactive]; Value at 'userName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w+=,.@-]+`},
		{"null in a list", &sts.Service,
			&sts.AssumeRoleRequest{RoleArn: "arn:aws:iam::123456789012:role/r", RoleSessionName: "me", Tags: []sts.Tag{{Key: "a"}, {}}}, []string{"tags.2.member.key", "tags.2.member.value"},
			"2 validation errors detected: Value null at 'tags.2.member.key' failed to satisfy constraint: Member must not be null; Value null at 'tags.2.member.value' failed to satisfy constraint: Member must not be null"},
		{"numbers", &sts.Service,
			&sts.AssumeRoleRequest{RoleArn: "arn:aws:iam::123456789012:role/r", RoleSessionName: "me", DurationSeconds: new(int32(899))}, nil,
			"1 validation error detected: Value '899' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to 900"},
		{"numbers of IAM", &iam.Service,
			&iam.ListUsersRequest{MaxItems: new(int32(1001))}, nil,
			"1 validation error detected: Value at 'maxItems' failed to satisfy constraint: Member must have value less than or equal to 1000"},
		{"escapes as in the model", &iam.Service,
			&iam.ListUsersRequest{Marker: new("\x00")}, nil,
			`1 validation error detected: Value at 'marker' failed to satisfy constraint: Member must satisfy regular expression pattern: [\u0020-\u00FF]+`},
		{"a secret is not shown", &secretsmanager.Service,
			&secretsmanager.CreateSecretRequest{Name: "n", SecretString: new("")}, nil,
			"1 validation error detected: Value at 'secretString' failed to satisfy constraint: Member must have length greater than or equal to 1"},
		{"a map", &cloudformation.Service,
			&cloudformation.CreateChangeSetInput{ChangeSetName: "c", StackName: "s", ResourcesToImport: []cloudformation.ResourceToImport{{
				LogicalResourceId: "L", ResourceType: "AWS::IAM::User", ResourceIdentifier: map[string]string{"b": "", "": "a"},
			}}}, nil,
			"2 validation errors detected: Value '{=a, b=}' at 'resourcesToImport.1.member.resourceIdentifier' failed to satisfy constraint: Map keys must satisfy constraint: [Member must have length less than or equal to 2048, Member must have length greater than or equal to 1]; Value '{=a, b=}' at 'resourcesToImport.1.member.resourceIdentifier' failed to satisfy constraint: Map value must satisfy constraint: [Member must have length less than or equal to 2048, Member must have length greater than or equal to 1]"},
		{"a structure in a structure", &cloudformation.Service,
			&cloudformation.CreateStackInput{StackName: "s", RollbackConfiguration: &cloudformation.RollbackConfiguration{MonitoringTimeInMinutes: new(int32(181))}}, nil,
			"1 validation error detected: Value '181' at 'rollbackConfiguration.monitoringTimeInMinutes' failed to satisfy constraint: Member must have value less than or equal to 180"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.service.Message(shapes.Check(tt.in, tt.absent)); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func tags(n int) []iam.Tag {
	list := make([]iam.Tag, n)
	for i := range list {
		list[i].Key = "k"
	}
	return list
}
