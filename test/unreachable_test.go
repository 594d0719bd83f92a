package test

import "slices"

// excuse is why operations do not end in a way that their model documents.
type excuse struct {
	code       string   // "" is success
	operations []string // nil for all that document it
	why        string
}

// excuseFor is why nothing ends so.
func excuseFor(end ending) (why string, excused bool) {
	for _, x := range unreachable {
		if x.code == end.code && (x.operations == nil || slices.Contains(x.operations, end.name)) {
			return x.why, true
		}
	}
	return "", false
}

var unreachable = []excuse{
	{"ServiceFailure", nil, "is for what goes wrong inside of iamd, which no request brings about"},
	{"ConcurrentModification", nil, "changes are serializable: of two at a time, each sees what the other left, and neither is refused"},
	{"EntityTemporarilyUnmodifiable", nil, "no change goes on after its reply"},
	{"RegionDisabledException", nil, "every region is enabled"},
	{"OrganizationNotInAllFeaturesModeException", nil, "an organization has all features"},
	{"CallerIsNotManagementAccountException", nil, "a member is refused as AccountNotManagementOrDelegatedAdministrator first"},
	{"PolicyEvaluation", nil, "policies are checked when they are stored"},
	{"ReportExpired", nil, "takes four hours; internal/iam tests it with a clock of its own"},
	{"ReportInProgress", nil, "a report of so few users is complete at once; internal/iam tests longer ones"},
	{"ReportGenerationLimitExceeded", nil, "no report is generated, as there are no service control policies"},
	{"ServiceAccessNotEnabledException", nil, "an organization need not let IAM in first"},

	{"LimitExceeded", []string{
		"DeactivateMFADevice", "DeleteAccessKey", "DeleteAccountAlias", "DeleteAccountPasswordPolicy", "DeleteGroup", "DeleteGroupPolicy",
		"DeleteInstanceProfile", "DeleteLoginProfile", "DeletePolicy", "DeletePolicyVersion", "DeleteRole", "DeleteRolePolicy", "DeleteSAMLProvider",
		"DeleteServerCertificate", "DeleteServiceLinkedRole", "DeleteSigningCertificate", "DeleteUser", "DeleteUserPolicy", "DeleteVirtualMFADevice",
		"DetachGroupPolicy", "DetachRolePolicy", "DetachUserPolicy", "RemoveRoleFromInstanceProfile", "RemoveUserFromGroup",
	}, "gives room back, and takes none"},
	{"LimitExceeded", []string{
		"ChangePassword", "ResyncMFADevice", "SetDefaultPolicyVersion", "UpdateAccessKey", "UpdateAccountPasswordPolicy", "UpdateGroup",
		"UpdateLoginProfile", "UpdateServerCertificate", "UpdateSigningCertificate", "UpdateUser",
	}, "changes what is there, and takes no room"},
	{"LimitExceeded", []string{"CreateAccountAlias"}, "replaces the alias there is, as on AWS"},
	{"LimitExceeded", []string{"CreateLoginProfile"}, "a second one is EntityAlreadyExists"},

	{"NoSuchEntity", []string{"CreateGroup", "UpdateAccountPasswordPolicy"}, "names nothing that has to exist"},
	{"NoSuchEntity", []string{"ListDelegationRequests"}, "an owner of nothing owns an empty list"},
	{"NoSuchEntity", []string{"CreateServiceLinkedRole"}, "a service without such a role is AccessDenied, as recorded"},
	{"EntityAlreadyExists", []string{"AddRoleToInstanceProfile"}, "a profile that has a role is LimitExceeded, also for the same role"},
	{"EntityAlreadyExists", []string{"UploadSigningCertificate"}, "one that is there is DuplicateCertificate"},
	{"MalformedPolicyDocument", []string{"UpdateAccountPasswordPolicy"}, "takes no document"},
	{"NotSupportedService", nil, "a service that has none is NoSuchEntity, as on AWS"},
	{"DeleteConflict", []string{"DeleteServerCertificate"}, "nothing here uses one"},
	{"UnmodifiableEntity", []string{"UpdateRoleDescription"}, "an account may describe its service-linked roles"},
	{"UnrecognizedPublicKeyEncoding", []string{"GetSSHPublicKey"}, "every key can be shown in both encodings; a third is ValidationError"},
	{"InvalidInput", []string{"UpdateAccessKey", "UpdateSSHPublicKey", "UpdateSigningCertificate"}, "a status that is none is ValidationError, as recorded"},
	{"InvalidInput", []string{"GetServiceLastAccessedDetails", "GetServiceLastAccessedDetailsWithEntities"}, "what is not an ID is ValidationError; any other is of a job or NoSuchEntity"},
	{"InvalidInput", []string{"GetServiceLinkedRoleDeletionStatus"}, "any text is of a task or NoSuchEntity"},
	{"InvalidInput", []string{"ListAttachedGroupPolicies", "ListAttachedRolePolicies", "ListAttachedUserPolicies", "ListMFADeviceTags", "UntagMFADevice", "UntagInstanceProfile", "UntagServerCertificate"},
		"what is not a name, path, serial number or tag key is ValidationError"},
	{"InvalidInput", []string{"ListDelegationRequests"}, "what is not an ARN is ValidationError"},
	{"IDPRejectedClaim", []string{"AssumeRoleWithSAML"}, "a claim that breaks a rule is InvalidIdentityToken"},
	{"ExpiredTokenException", []string{"AssumeRole", "AssumeRoot"}, "an expired session does not get past the door; internal/authn tests it with a clock of its own"},

	{"", []string{"GenerateOrganizationsAccessReport", "GetOrganizationsAccessReport"}, "is about service control policies, of which there are none"},
	{"", []string{"DecodeAuthorizationMessage"}, "only authority makes such messages: TestExampleStore has one opened"},

	{"InternalServiceError", nil, "is for what goes wrong inside of iamd, which no request brings about"},
	{"InternalServerError", nil, "is for what goes wrong inside of iamd, which no request brings about"},
	{"EncryptionFailure", nil, "values are sealed with iamd's own keys, and a KMS key is not asked"},
	{"DecryptionFailure", nil, "values are sealed with iamd's own keys, and a KMS key is not asked"},
	{"PreconditionNotMetException", nil, "is for other services' secrets, of which there are none"},
	{"MalformedPolicyDocumentException", []string{"CreateSecret", "UpdateSecret"}, "takes no document"},
	{"ResourceNotFoundException", []string{"CreateSecret"}, "names nothing that has to exist: a KMS key is not asked"},
	{"ResourceNotFoundException", []string{"BatchGetSecretValue"}, "is in the reply's own list of errors, as AWS documents"},
	{"InvalidRequestException", []string{"BatchGetSecretValue"}, "is in the reply's own list of errors, as AWS documents"},
	{"InvalidRequestException", []string{"GetRandomPassword", "ListSecrets"}, "is about no secret, and so about none in a wrong state"},
	{"InvalidRequestException", []string{"RestoreSecret"}, "does not mind a secret that is not marked for deletion"},
	{"InvalidParameterException", []string{"DescribeSecret", "GetResourcePolicy", "GetSecretValue", "ListSecretVersionIds", "ValidateResourcePolicy"},
		"what no parameter can be is ValidationException, and a replica is read like a primary secret"},
	{"InvalidParameterException", []string{"StopReplicationToReplica"}, "a secret that is no replica is InvalidRequestException"},

	{"InvalidKeyId", nil, "a KMS key is not asked"},
	{"TooManyUpdates", nil, "changes are serializable: of two at a time, each sees what the other left, and neither is refused"},
	{"InvalidResourceType", nil, "a type that is none is ValidationException; of a type but parameters there is nothing, and so InvalidResourceId"},
	{"UnsupportedParameterType", nil, "a type that is none is ValidationException"},

	{"InvalidMaxResultsException", nil, "a number outside of the model's range is ValidationException"},
	{"InvalidEventCategoryException", nil, "a category that is none is ValidationException"},
	{"UnsupportedOperationException", nil, "LookupEvents is supported"},
	{"OperationNotPermittedException", nil, "whoever may look up events may do so in every account"},

	{"", []string{"GetHookResult"}, "is about hooks, of which none runs"},
	{"TokenAlreadyExistsException", nil, "a token tells whether a request is the stack's last one again, and is otherwise free"},
	{"InsufficientCapabilitiesException", []string{"ExecuteChangeSet"}, "CreateChangeSet has asked for them"},
	{"InvalidChangeSetStatus", []string{"DeleteChangeSet"}, "no change set is at work after its reply"},
}
