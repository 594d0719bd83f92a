package iam

// The quotas that AWS documents, by the names its errors use. The number of
// users in an account, 5,000 on AWS, is not limited here, nor is that of groups, 300.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
const (
	accessKeysPerUser = 2
	aclSizePerRole    = 2048 // of the trust policy, without white space
	groupsPerUser     = 10

	// Characters in the inline policies of one entity, white space not counted.
	inlinePolicySizePerUser  = 2048
	inlinePolicySizePerGroup = 5120
	inlinePolicySizePerRole  = 10240

	rolesPerInstanceProfile = 1
	tagsPerUser             = 50

	// Managed policies, and characters in one, white space not counted.
	policiesPerUser   = 10
	policiesPerGroup  = 10
	policiesPerRole   = 10
	policySize        = 6144
	versionsPerPolicy = 5

	mfaDevicesPerUser            = 8
	sshPublicKeysPerUser         = 5
	certificatesPerUser          = 2
	serverCertificatesPerAccount = 20

	serviceSpecificCredentialsPerUser = 2 // for each service

	oidcProvidersPerAccount  = 100
	clientIDsPerOIDCProvider = 100
	thumbprintsPerProvider   = 5
	samlProvidersPerAccount  = 100
	privateKeysPerProvider   = 2
	samlMetadataSize         = 100 << 10 // in bytes, is ours: AWS has 10 MB, more than a record holds

	// certificateChainSize, in bytes, is ours: AWS has 2 MiB, more than a record holds.
	certificateChainSize = 64 << 10
)
