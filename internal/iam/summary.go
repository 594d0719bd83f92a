package iam

import (
	"context"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/iam"
)

func summaryOperations() []op.Operation {
	return []op.Operation{
		op.Read("GetAccountSummary", needGetAccountSummary, getAccountSummary),
		op.Write("SetSecurityTokenServicePreferences", needSetSecurityTokenServicePreferences, setSecurityTokenServicePreferences),
	}
}

// summaryQuotas are the keys of a summary that show a quota.
var summaryQuotas = map[string]string{
	shape.SummaryKeyTypeUsersQuota:                      usersPerAccount,
	shape.SummaryKeyTypeGroupsQuota:                     groupsPerAccount,
	shape.SummaryKeyTypeRolesQuota:                      rolesPerAccount,
	shape.SummaryKeyTypePoliciesQuota:                   policiesPerAccount,
	shape.SummaryKeyTypeInstanceProfilesQuota:           instanceProfilesPerAccount,
	shape.SummaryKeyTypeServerCertificatesQuota:         serverCertificatesPerAccount,
	shape.SummaryKeyTypePolicyVersionsInUseQuota:        policyVersionsInUse,
	shape.SummaryKeyTypeAccessKeysPerUserQuota:          accessKeysPerUser,
	shape.SummaryKeyTypeGroupsPerUserQuota:              groupsPerUser,
	shape.SummaryKeyTypeSigningCertificatesPerUserQuota: certificatesPerUser,
	shape.SummaryKeyTypeAttachedPoliciesPerUserQuota:    policiesPerUser,
	shape.SummaryKeyTypeAttachedPoliciesPerGroupQuota:   policiesPerGroup,
	shape.SummaryKeyTypeAttachedPoliciesPerRoleQuota:    policiesPerRole,
	shape.SummaryKeyTypeVersionsPerPolicyQuota:          versionsPerPolicy,
	shape.SummaryKeyTypePolicySizeQuota:                 policySize,
	shape.SummaryKeyTypeAssumeRolePolicySizeQuota:       aclSizePerRole,
	shape.SummaryKeyTypeUserPolicySizeQuota:             inlinePolicySizePerUser,
	shape.SummaryKeyTypeGroupPolicySizeQuota:            inlinePolicySizePerGroup,
	shape.SummaryKeyTypeRolePolicySizeQuota:             inlinePolicySizePerRole,
}

// summaryCounts are the keys that show how many there are, of one or several
// kinds together.
var summaryCounts = map[string][]directory.Counted{
	shape.SummaryKeyTypeUsers:               {directory.Users.Counted()},
	shape.SummaryKeyTypeGroups:              {directory.Groups.Counted()},
	shape.SummaryKeyTypeRoles:               {directory.Roles.Counted()},
	shape.SummaryKeyTypePolicies:            {directory.Policies.Counted()},
	shape.SummaryKeyTypeInstanceProfiles:    {directory.InstanceProfiles.Counted()},
	shape.SummaryKeyTypeServerCertificates:  {directory.ServerCertificates.Counted()},
	shape.SummaryKeyTypeMFADevices:          {directory.MFADevices},
	shape.SummaryKeyTypeMFADevicesInUse:     {directory.MFADevicesInUse},
	shape.SummaryKeyTypePolicyVersionsInUse: {directory.PoliciesInUse},
	shape.SummaryKeyTypeProviders:           {directory.OIDCProviders.Counted(), directory.SAMLProviders.Counted()},
}

func needGetAccountSummary(*op.Call, *shape.GetAccountSummaryRequest) ([]op.Need, error) {
	return need("GetAccountSummary", "*"), nil
}

func getAccountSummary(_ context.Context, c *op.Call, _ *shape.GetAccountSummaryRequest) (*shape.GetAccountSummaryResponse, error) {
	a, err := directory.GetAccount(c.Snap, c.Caller.Account)
	if err != nil {
		return nil, err
	}
	counts, err := directory.CountsOf(c.Snap, a.ID)
	if err != nil {
		return nil, err
	}
	summary, err := summarizeRoot(c, a)
	if err != nil {
		return nil, err
	}
	for key, quota := range summaryQuotas {
		summary[key] = int32(c.Quota(quota))
	}
	for key, kinds := range summaryCounts {
		n := 0
		for _, kind := range kinds {
			n += counts[kind]
		}
		summary[key] = int32(n)
	}
	summary[shape.SummaryKeyTypeGlobalEndpointTokenVersion] = a.TokenVersion()
	return &shape.GetAccountSummaryResponse{SummaryMap: summary}, nil
}

// summarizeRoot says what the root user has, as 1 or 0.
func summarizeRoot(c *op.Call, a *directory.Account) (map[string]int32, error) {
	root := a.RootUser()
	mfa, err := hasMFADevice(c, root)
	if err != nil {
		return nil, err
	}
	profile, err := directory.GetLoginProfile(c.Snap, root)
	if err != nil {
		return nil, err
	}
	certificate, err := directory.SigningCertificates.Any(c.Snap, root)
	if err != nil {
		return nil, err
	}
	summary := map[string]int32{}
	for key, has := range map[string]bool{
		shape.SummaryKeyTypeAccountAccessKeysPresent:          len(a.Keys) > 0,
		shape.SummaryKeyTypeAccountMFAEnabled:                 mfa,
		shape.SummaryKeyTypeAccountPasswordPresent:            profile != nil,
		shape.SummaryKeyTypeAccountSigningCertificatesPresent: certificate,
	} {
		summary[key] = 0
		if has {
			summary[key] = 1
		}
	}
	return summary, nil
}

func needSetSecurityTokenServicePreferences(*op.Call, *shape.SetSecurityTokenServicePreferencesRequest) ([]op.Need, error) {
	return need("SetSecurityTokenServicePreferences", "*"), nil
}

func setSecurityTokenServicePreferences(_ context.Context, c *op.Call, in *shape.SetSecurityTokenServicePreferencesRequest) (*op.None, error) {
	was, err := directory.GetAccount(c.Snap, c.Caller.Account)
	if err != nil {
		return nil, err
	}
	a := *was
	a.LongTokens = in.GlobalEndpointTokenVersion == shape.GlobalEndpointTokenVersionV2Token
	return &op.None{}, directory.PutAccount(c.Tx, &a)
}
