package test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	ststypes "github.com/aws/aws-sdk-go-v2/service/sts/types"
)

func accountStories() []story {
	return []story{
		{name: "an account as a whole", steps: accountSteps},
		{name: "an organization's features", given: givenOrganization, steps: organizationSteps},
	}
}

var accountSteps = []step{
	fails("ReportNotPresent", &iam.GetCredentialReportInput{}),
	does(&iam.CreateUserInput{UserName: new("ann")}, &iam.CreateGroupInput{GroupName: new("devs")},
		&iam.CreateRoleInput{RoleName: new("r"), AssumeRolePolicyDocument: new(trustEC2)},
		&iam.CreatePolicyInput{PolicyName: new("p"), PolicyDocument: new(allowAll)}),
	does(&iam.GetAccountSummaryInput{}).shows("SummaryMap.Users", "1").shows("SummaryMap.UsersQuota", "5000").shows("SummaryMap.Groups", "1").
		shows("SummaryMap.Roles", "1").shows("SummaryMap.Policies", "1").shows("SummaryMap.AccountAccessKeysPresent", "1").shows("SummaryMap.AccountMFAEnabled", "0"),
	does(&iam.GetAccountAuthorizationDetailsInput{}).shows("UserDetailList.#", "1").shows("GroupDetailList.#", "1").shows("RoleDetailList.#", "1").
		shows("Policies.#", "1").shows("UserDetailList.0.UserName", "ann").shows("IsTruncated", "false"),
	does(&iam.GetAccountAuthorizationDetailsInput{Filter: []types.EntityType{types.EntityTypeUser}}).shows("UserDetailList.#", "1").
		shows("GroupDetailList.#", "0").shows("RoleDetailList.#", "0").shows("Policies.#", "0"),
	does(&iam.GenerateCredentialReportInput{}).shows("State", "STARTED").shows("Description", "No report exists. Starting a new report generation task"),
	does(&iam.GetCredentialReportInput{}).shows("ReportFormat", "text/csv").shows("GeneratedTime", "*").shows("Content", "*"),
	does(&iam.GenerateCredentialReportInput{}).shows("State", "COMPLETE"),
	does(&iam.SetSecurityTokenServicePreferencesInput{GlobalEndpointTokenVersion: types.GlobalEndpointTokenVersionV2Token}),
	does(&iam.GetAccountSummaryInput{}).shows("SummaryMap.GlobalEndpointTokenVersion", "2"),

	does(&iam.CreateAccountAliasInput{AccountAlias: new("story-of-account")}),
	fails("EntityAlreadyExists", &iam.CreateAccountAliasInput{AccountAlias: new("story-of-account")}).says("The account alias story-of-account already exists."),
	does(&iam.ListAccountAliasesInput{}).shows("AccountAliases.#", "1").shows("AccountAliases.0", "story-of-account").shows("IsTruncated", "false"),
	does(&iam.DeleteAccountAliasInput{AccountAlias: new("story-of-account")}),
	fails("NoSuchEntity", &iam.DeleteAccountAliasInput{AccountAlias: new("story-of-account")}).says("The account alias story-of-account cannot be found."),
	does(&iam.ListAccountAliasesInput{}).shows("AccountAliases.#", "0"),

	fails("FeatureDisabled", &iam.GetOutboundWebIdentityFederationInfoInput{}, &iam.DisableOutboundWebIdentityFederationInput{}).
		says("Outbound identity federation is disabled for your account."),
	does(&iam.EnableOutboundWebIdentityFederationInput{}).shows("IssuerIdentifier", "*").keeps("issuer", "IssuerIdentifier"),
	fails("FeatureEnabled", &iam.EnableOutboundWebIdentityFederationInput{}).says("Outbound identity federation is already enabled for your account."),
	does(&iam.GetOutboundWebIdentityFederationInfoInput{}).shows("IssuerIdentifier", "<issuer>").shows("JwtVendingEnabled", "true"),
	does(&iam.DisableOutboundWebIdentityFederationInput{}),

	fails("OrganizationNotFoundException", &iam.ListOrganizationsFeaturesInput{}, &iam.EnableOrganizationsRootSessionsInput{},
		&iam.DisableOrganizationsRootSessionsInput{}, &iam.EnableOrganizationsRootCredentialsManagementInput{},
		&iam.DisableOrganizationsRootCredentialsManagementInput{}),
	fails("NoSuchEntity", &iam.GetOrganizationsAccessReportInput{JobId: new("00000000-0000-0000-0000-000000000000")}),
}

// givenOrganization makes an organization that the server's first account manages.
func givenOrganization(t *testing.T, s *server, v values) {
	c := s.organizations(s.root(t))
	must[*organizations.CreateOrganizationOutput](t)(c.CreateOrganization(t.Context(), &organizations.CreateOrganizationInput{}))
	must[*organizations.CreateAccountOutput](t)(c.CreateAccount(t.Context(), &organizations.CreateAccountInput{AccountName: new("member"), Email: new("member@example.com")}))
	account, member := rootKeyOf(t, s, "root-key", "member")
	v["member"] = account
	v.putKey("member", member)
	v.putKey("manager", s.root(t))
}

var organizationSteps = []step{
	fails("AccountNotManagementOrDelegatedAdministratorException", &iam.ListOrganizationsFeaturesInput{}, &iam.EnableOrganizationsRootSessionsInput{},
		&iam.DisableOrganizationsRootSessionsInput{}, &iam.EnableOrganizationsRootCredentialsManagementInput{},
		&iam.DisableOrganizationsRootCredentialsManagementInput{}).by("member"),
	does(&iam.EnableOrganizationsRootSessionsInput{}).by("manager").shows("OrganizationId", "*").shows("EnabledFeatures.0", "RootSessions"),
	does(&iam.EnableOrganizationsRootCredentialsManagementInput{}).by("manager").shows("EnabledFeatures.#", "2"),
	does(&iam.DisableOrganizationsRootSessionsInput{}).by("manager").shows("EnabledFeatures.0", "RootCredentialsManagement"),
	does(&iam.ListOrganizationsFeaturesInput{}).by("manager").shows("EnabledFeatures.#", "1").shows("OrganizationId", "*"),
	fails("InvalidInput", &iam.GenerateOrganizationsAccessReportInput{EntityPath: new("o-0123456789/r-0123/ou-0123-01234567")}).by("manager").
		says("Service control policies are not enabled for the organization."),

	// A member's root, for one task.
	does(&iam.CreateUserInput{UserName: new("boss")},
		&iam.PutUserPolicyInput{UserName: new("boss"), PolicyName: new("own"), PolicyDocument: allowing(`"sts:AssumeRoot"`, "*")}).by("manager"),
	does(&iam.CreateAccessKeyInput{UserName: new("boss")}).by("manager").keeps("boss", "AccessKey"),
	does(assumingRoot("<member>")).by("boss").keeps("session", "Credentials").shows("Credentials.Expiration", "*"),
	does(&sts.GetCallerIdentityInput{}).by("session").shows("Arn", "arn:aws:iam::<member>:root"),
	fails("AccessDenied", assumingRoot("<account>")).by("boss"), // which is in no organization
	does(&iam.DisableOrganizationsRootCredentialsManagementInput{}).by("manager").shows("EnabledFeatures.#", "0"),
	fails("AccessDenied", assumingRoot("<member>")).by("boss"),
}

func assumingRoot(account string) *sts.AssumeRootInput {
	return &sts.AssumeRootInput{
		TargetPrincipal: &account,
		TaskPolicyArn:   &ststypes.PolicyDescriptorType{Arn: new("arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials")},
	}
}
