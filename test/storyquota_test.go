package test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// tightQuotas are low enough to be reached in a few calls.
var tightQuotas = []string{
	"UsersPerAccount=2", "GroupsPerAccount=2", "RolesPerAccount=2", "PoliciesPerAccount=2", "InstanceProfilesPerAccount=1",
	"ServerCertificatesPerAccount=1", "MFADevicesPerAccount=3", "GroupsPerUser=1", "MFADevicesPerUser=1", "TagsPerUser=2",
	"PoliciesPerUser=1", "PoliciesPerGroup=1", "PoliciesPerRole=1", "OpenIdConnectProvidersPerAccount=1",
	"ClientIdsPerOpenIdConnectProvider=1", "SAMLProvidersPerAccount=1", "UsersPerCredentialReport=1", "DelegationRequestsPerAccount=1",
	"SecretsPerRegion=2", "StagingLabelsPerSecret=3", "StandardParametersPerRegion=1", "AdvancedParametersPerRegion=1",
	"StacksPerAccount=1",
}

func TestQuotaStories(t *testing.T) {
	t.Parallel()
	var flags []string
	for _, quota := range tightQuotas {
		flags = append(flags, "--quota", quota)
	}
	s := start(t, withFlags(flags...))
	for _, told := range tightStories() {
		t.Run(told.name, func(t *testing.T) {
			t.Parallel()
			tell(t, s, told)
		})
	}
}

func tightStories() []story {
	return []story{
		{name: "quotas of entities", steps: entityQuotaSteps},
		{name: "quotas of policies", steps: policyQuotaSteps},
		{name: "quotas of credentials", given: givenCertificates, steps: credentialQuotaSteps},
		{name: "quotas of OpenID Connect", given: givenIssuer, steps: openIDQuotaSteps},
		{name: "quotas of SAML", given: givenSAML, steps: samlQuotaSteps},
		{name: "quotas of delegation", given: givenPartner, steps: delegationQuotaSteps},
		{name: "quotas of secrets", steps: secretQuotaSteps},
		{name: "quotas of parameters", steps: parameterQuotaSteps},
		{name: "quotas of stacks", steps: stackQuotaSteps},
	}
}

// threeTags are one more than the quota.
var threeTags = []types.Tag{{Key: new("a"), Value: new("1")}, {Key: new("b"), Value: new("2")}, {Key: new("c"), Value: new("3")}}

const tagQuota = "Cannot exceed quota for TagsPerUser: 2"

var entityQuotaSteps = []step{
	fails("LimitExceeded", &iam.CreateUserInput{UserName: new("x"), Tags: threeTags}).says(tagQuota),
	does(&iam.GenerateCredentialReportInput{}),
	does(&iam.CreateUserInput{UserName: new("ann")}, &iam.CreateUserInput{UserName: new("bob")}),
	fails("LimitExceeded", &iam.CreateUserInput{UserName: new("eve")}).says("Cannot exceed quota for UsersPerAccount: 2"),
	does(&iam.CreateGroupInput{GroupName: new("devs")}, &iam.CreateGroupInput{GroupName: new("ops")}),
	fails("LimitExceeded", &iam.CreateGroupInput{GroupName: new("x")}).says("Cannot exceed quota for GroupsPerAccount: 2"),
	does(&iam.AddUserToGroupInput{UserName: new("ann"), GroupName: new("devs")}),
	fails("LimitExceeded", &iam.AddUserToGroupInput{UserName: new("ann"), GroupName: new("ops")}).says("Cannot exceed quota for GroupsPerUser: 1"),
	does(&iam.CreateRoleInput{RoleName: new("r"), AssumeRolePolicyDocument: new(trustEC2)},
		&iam.CreateRoleInput{RoleName: new("s"), AssumeRolePolicyDocument: new(trustEC2)}),
	fails("LimitExceeded", &iam.CreateRoleInput{RoleName: new("x"), AssumeRolePolicyDocument: new(trustEC2)},
		&iam.CreateServiceLinkedRoleInput{AWSServiceName: new("autoscaling.amazonaws.com")}).says("Cannot exceed quota for RolesPerAccount: 2"),
	does(&iam.CreateInstanceProfileInput{InstanceProfileName: new("ip")}),
	fails("LimitExceeded", &iam.CreateInstanceProfileInput{InstanceProfileName: new("x")}).says("Cannot exceed quota for InstanceProfilesPerAccount: 1"),
	fails("LimitExceeded", &iam.TagUserInput{UserName: new("ann"), Tags: threeTags}, &iam.TagRoleInput{RoleName: new("r"), Tags: threeTags},
		&iam.TagInstanceProfileInput{InstanceProfileName: new("ip"), Tags: threeTags}).says(tagQuota),
	does(&iam.TagUserInput{UserName: new("ann"), Tags: threeTags[:2]}),
	does(&iam.DeleteUserInput{UserName: new("bob")}, &iam.CreateUserInput{UserName: new("eve")}), // room is given back
}

var policyQuotaSteps = []step{
	does(&iam.CreateUserInput{UserName: new("ann")}, &iam.CreateGroupInput{GroupName: new("devs")},
		&iam.CreateRoleInput{RoleName: new("r"), AssumeRolePolicyDocument: new(trustEC2)},
		&iam.AttachUserPolicyInput{UserName: new("ann"), PolicyArn: new(adminARN)},
		&iam.AttachGroupPolicyInput{GroupName: new("devs"), PolicyArn: new(adminARN)},
		&iam.AttachRolePolicyInput{RoleName: new("r"), PolicyArn: new(adminARN)}),
	fails("LimitExceeded", &iam.AttachUserPolicyInput{UserName: new("ann"), PolicyArn: new(readOnlyARN)}).says("Cannot exceed quota for PoliciesPerUser: 1"),
	fails("LimitExceeded", &iam.AttachGroupPolicyInput{GroupName: new("devs"), PolicyArn: new(readOnlyARN)}).says("Cannot exceed quota for PoliciesPerGroup: 1"),
	fails("LimitExceeded", &iam.AttachRolePolicyInput{RoleName: new("r"), PolicyArn: new(readOnlyARN)}).says("Cannot exceed quota for PoliciesPerRole: 1"),
	does(&iam.CreatePolicyInput{PolicyName: new("p"), PolicyDocument: new(allowAll)}).keeps("p", "Policy.Arn"),
	fails("LimitExceeded", &iam.TagPolicyInput{PolicyArn: new("<p>"), Tags: threeTags}).says(tagQuota),
	does(&iam.CreatePolicyInput{PolicyName: new("q"), PolicyDocument: new(allowAll)}),
	fails("LimitExceeded", &iam.CreatePolicyInput{PolicyName: new("x"), PolicyDocument: new(allowAll)}).says("Cannot exceed quota for PoliciesPerAccount: 2"),
}

var credentialQuotaSteps = []step{
	does(&iam.CreateUserInput{UserName: new("ann")}, &iam.CreateUserInput{UserName: new("bob")}),
	fails("LimitExceeded", &iam.GenerateCredentialReportInput{}).says("Cannot exceed quota for UsersPerCredentialReport: 1"),
	does(&iam.CreateVirtualMFADeviceInput{VirtualMFADeviceName: new("one")}).keeps("one.serial", "VirtualMFADevice.SerialNumber").
		keeps("one.seed", "VirtualMFADevice.Base32StringSeed"),
	does(&iam.CreateVirtualMFADeviceInput{VirtualMFADeviceName: new("two")}).keeps("two.serial", "VirtualMFADevice.SerialNumber").
		keeps("two.seed", "VirtualMFADevice.Base32StringSeed"),
	does(&iam.EnableMFADeviceInput{UserName: new("ann"), SerialNumber: new("<one.serial>"), AuthenticationCode1: new("<one.seed -1>"), AuthenticationCode2: new("<one.seed 0>")}),
	fails("LimitExceeded", &iam.EnableMFADeviceInput{UserName: new("ann"), SerialNumber: new("<two.serial>"),
		AuthenticationCode1: new("<two.seed -1>"), AuthenticationCode2: new("<two.seed 0>")}).says("Cannot exceed quota for MFADevicesPerUser: 1"),
	fails("LimitExceeded", &iam.TagMFADeviceInput{SerialNumber: new("<two.serial>"), Tags: threeTags}).says(tagQuota),
	does(&iam.CreateVirtualMFADeviceInput{VirtualMFADeviceName: new("three")}),
	fails("LimitExceeded", &iam.CreateVirtualMFADeviceInput{VirtualMFADeviceName: new("four")}).says("Cannot exceed quota for MFADevicesPerAccount: 3"),
	does(&iam.UploadServerCertificateInput{ServerCertificateName: new("web"), CertificateBody: new("<one>"), PrivateKey: new("<one.key>")}),
	fails("LimitExceeded", &iam.UploadServerCertificateInput{ServerCertificateName: new("api"), CertificateBody: new("<two>"), PrivateKey: new("<two.key>")}).
		says("Cannot exceed quota for ServerCertificatesPerAccount: 1"),
	fails("LimitExceeded", &iam.TagServerCertificateInput{ServerCertificateName: new("web"), Tags: threeTags}).says(tagQuota),
}

var openIDQuotaSteps = []step{
	does(&iam.CreateOpenIDConnectProviderInput{Url: new("<issuer>"), ClientIDList: []string{"a"}}),
	fails("LimitExceeded", &iam.CreateOpenIDConnectProviderInput{Url: new("https://x.example.com"), ThumbprintList: []string{thumbprint}}).
		says("Cannot exceed quota for OpenIdConnectProvidersPerAccount: 1"),
	fails("LimitExceeded", &iam.AddClientIDToOpenIDConnectProviderInput{OpenIDConnectProviderArn: new("<oidc>"), ClientID: new("b")}).
		says("Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: 1"),
	fails("LimitExceeded", &iam.TagOpenIDConnectProviderInput{OpenIDConnectProviderArn: new("<oidc>"), Tags: threeTags}),
}

var samlQuotaSteps = []step{
	does(&iam.CreateSAMLProviderInput{Name: new("corp"), SAMLMetadataDocument: new("<metadata>")}),
	fails("LimitExceeded", &iam.CreateSAMLProviderInput{Name: new("x"), SAMLMetadataDocument: new("<metadata>")}).
		says("Cannot exceed quota for SAMLProvidersPerAccount: 1"),
	fails("LimitExceeded", &iam.TagSAMLProviderInput{SAMLProviderArn: new("<saml>"), Tags: threeTags}),
}

var delegationQuotaSteps = []step{
	does(&iam.CreatePolicyInput{PolicyName: new("s"), PolicyDocument: new(bucketTemplate)}).by("partner").keeps("template", "Policy.Arn"),
	does(delegationOf("flow-1", "bucket")).by("partner"),
	fails("LimitExceeded", delegationOf("flow-2", "bucket")).by("partner").says("Cannot exceed quota for DelegationRequestsPerAccount: 1"),
}
