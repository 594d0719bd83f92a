package iam

import (
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
)

// The names of the quotas, as AWS's errors have them. AWS has not shown those of
// groups, MFA devices, SSH keys, service-specific credentials and policy versions.
const (
	usersPerAccount              = "UsersPerAccount"
	groupsPerAccount             = "GroupsPerAccount"
	rolesPerAccount              = "RolesPerAccount"
	policiesPerAccount           = "PoliciesPerAccount"
	instanceProfilesPerAccount   = "InstanceProfilesPerAccount"
	serverCertificatesPerAccount = "ServerCertificatesPerAccount"
	mfaDevicesPerAccount         = "MFADevicesPerAccount" // assigned or not

	// policyVersionsInUse counts the policies in use, AWS's too: of each, one
	// version is, the default.
	policyVersionsInUse = "PolicyVersionsInUsePerAccount"

	accessKeysPerUser                 = "AccessKeysPerUser"
	groupsPerUser                     = "GroupsPerUser"
	mfaDevicesPerUser                 = "MFADevicesPerUser"
	sshPublicKeysPerUser              = "SSHPublicKeysPerUser"
	certificatesPerUser               = "CertificatesPerUser"
	serviceSpecificCredentialsPerUser = "ServiceSpecificCredentialsPerUser" // for each service
	tagsPerUser                       = "TagsPerUser"                       // and per anything else that has tags
	sessionsPerInstanceProfile        = "InstanceSessionsPerInstanceProfile"

	policiesPerUser   = "PoliciesPerUser"
	policiesPerGroup  = "PoliciesPerGroup"
	policiesPerRole   = "PoliciesPerRole"
	versionsPerPolicy = "VersionsPerPolicy"

	// Characters, white space not counted; of inline policies, in all of one entity.
	policySize               = "PolicySize"
	aclSizePerRole           = "ACLSizePerRole" // of the trust policy
	inlinePolicySizePerUser  = "InlinePolicySizePerUser"
	inlinePolicySizePerGroup = "InlinePolicySizePerGroup"
	inlinePolicySizePerRole  = "InlinePolicySizePerRole"

	certificateChainSize = "CertificateChainSize" // bytes

	oidcProvidersPerAccount  = "OpenIdConnectProvidersPerAccount"
	clientIDsPerOIDCProvider = "ClientIdsPerOpenIdConnectProvider"
	thumbprintsPerProvider   = "ThumbprintsPerOpenIdConnectProvider"
	samlProvidersPerAccount  = "SAMLProvidersPerAccount"
	privateKeysPerProvider   = "PrivateKeysPerSAMLProvider"
	samlMetadataSize         = "SAMLMetadataDocumentSize" // bytes

	usersPerCredentialReport     = "UsersPerCredentialReport"
	delegationRequestsPerAccount = "DelegationRequestsPerAccount" // that it made, expired ones included
)

// plenty is the most of what is only counted.
const plenty = 100_000_000

// quotas are AWS's defaults, and how far they can go: as far as AWS itself never
// goes (two access keys), or as one record of the store has room.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
//
// Ours are CertificateChainSize and SAMLMetadataDocumentSize, of which AWS has 2 MiB
// and 10 MB, more than a record holds, and the last two.
func quotas() op.Quotas {
	return op.Quotas{
		usersPerAccount:              {Limit: 5000, Most: plenty},
		groupsPerAccount:             {Limit: 300, Most: plenty},
		rolesPerAccount:              {Limit: 1000, Most: plenty},
		policiesPerAccount:           {Limit: 1500, Most: plenty},
		instanceProfilesPerAccount:   {Limit: 1000, Most: plenty},
		serverCertificatesPerAccount: {Limit: 20, Most: plenty},
		mfaDevicesPerAccount:         {Limit: 5000, Most: plenty},
		policyVersionsInUse:          {Limit: 10000, Most: plenty},

		accessKeysPerUser:                 {Limit: 2, Most: 2},
		groupsPerUser:                     {Limit: 10, Most: 100},
		mfaDevicesPerUser:                 {Limit: 8, Most: 100},
		sshPublicKeysPerUser:              {Limit: 5, Most: 100},
		certificatesPerUser:               {Limit: 2, Most: 2},
		serviceSpecificCredentialsPerUser: {Limit: 2, Most: 100},
		tagsPerUser:                       {Limit: 50, Most: 50},
		sessionsPerInstanceProfile:        {Limit: 1, Most: 1},

		policiesPerUser:   {Limit: 10, Most: 100},
		policiesPerGroup:  {Limit: 10, Most: 100},
		policiesPerRole:   {Limit: 10, Most: 100},
		versionsPerPolicy: {Limit: 5, Most: 50},

		policySize:               {Limit: 6144, Most: 20480},
		aclSizePerRole:           {Limit: 2048, Most: 8192},
		inlinePolicySizePerUser:  {Limit: 2048, Most: 20480},
		inlinePolicySizePerGroup: {Limit: 5120, Most: 20480},
		inlinePolicySizePerRole:  {Limit: 10240, Most: 20480},

		certificateChainSize: {Limit: 64 << 10, Most: 64 << 10},

		oidcProvidersPerAccount:  {Limit: 100, Most: plenty},
		clientIDsPerOIDCProvider: {Limit: 100, Most: 100},
		thumbprintsPerProvider:   {Limit: 5, Most: 100},
		samlProvidersPerAccount:  {Limit: 100, Most: plenty},
		privateKeysPerProvider:   {Limit: 2, Most: 2},
		samlMetadataSize:         {Limit: 100 << 10, Most: 100 << 10},

		usersPerCredentialReport:     {Limit: 50_000, Most: 100_000},
		delegationRequestsPerAccount: {Limit: 1000, Most: plenty},
	}
}

// checkRoom makes sure that there may be one more than have.
func checkRoom(c *op.Call, quota string, have int) error {
	return checkMost(c, quota, have+1)
}

// checkMost makes sure that there are no more than the quota.
func checkMost(c *op.Call, quota string, have int) error {
	if limit := c.Quota(quota); have > limit {
		return limitExceeded(quota, limit)
	}
	return nil
}

// checkAccountRoom makes sure that the account may have one more of these entities.
func checkAccountRoom[T any, P directory.Record[T]](c *op.Call, k directory.Kind[T, P], quota string) error {
	return checkCount(c, k.Counted(), quota)
}

// checkCount is checkRoom for what is counted.
func checkCount(c *op.Call, what directory.Counted, quota string) error {
	n, err := directory.CountsOf(c.Snap, c.Caller.Account)
	if err != nil {
		return err
	}
	return checkRoom(c, quota, n[what])
}
