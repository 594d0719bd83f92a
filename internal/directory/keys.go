// Package directory keeps the records of accounts, users and access keys, and
// the indexes that find them. Its functions take a transaction, so that they
// compose; none of them opens one.
package directory

import (
	"strconv"

	"github.com/iamd-project/iamd/internal/ids"
)

// Every key that iamd stores. Records hold CBOR; an index holds the name or ID
// of what it finds. An entity (user, …) is kept under its unique ID, so that a
// rename touches no key of anything that belongs to it.
//
//	sys/keyset                             the data keys, wrapped by the master key
//	outbox/<commit>/<event ID>             audit records on their way to the sink (package audit)
//	account/<account>                      Account
//	accountname/<name, lower case>NUL<account>      -> <account>: two may have the same name
//	accountemail/<address, lower case>     -> <account>
//	organization/<organization>            Organization
//	organizationmember/<organization>/<account>     -> <account>
//	accountcreation/<organization>/<request>        AccountCreation
//	count/<account>                        Counts: how many entities, and some other things, there are
//	user/<account>/<ID>                    User
//	username/<account>/<name, lower case>  -> <ID>: names are unique ignoring case
//	userpath/<account><path> <name, l. c.> -> <ID>: finds users below a path
//	group/<account>/<ID>                   Group, with groupname/ and grouppath/ as users have them
//	member/<account>/<group ID>/<user ID>  -> <user ID>: finds the users in a group
//	inline/<account>/<owner ID>/<name>     InlinePolicy of a user, group or role
//	role/<account>/<ID>                    Role, with rolename/ and rolepath/ as users have them
//	instanceprofile/<account>/<ID>         InstanceProfile, with instanceprofilename/ and instanceprofilepath/
//	profileof/<account>/<role ID>/<ID>     -> <ID>: finds the instance profiles that a role is in
//	roledeletion/<account>/<task>          RoleDeletion
//	policy/<account>/<ID>                  Policy, with policyname/ and policypath/ as users have them
//	policytext/<account>/<policy ID>/<n>   Document: what version n of the policy says
//	policyuse/<account>/<policy ID>        PolicyUse: how many use it, absent for none
//	attachedto/<account>/<policy ID>/<ID>  -> <ID>: finds users, groups and roles that have the policy
//	boundaryof/<account>/<policy ID>/<ID>  -> <ID>: finds users and roles that it is the boundary of
//	key/<access key id>                    AccessKey: alone in not carrying the account,
//	                                       since a signature names only the key
//	keyused/<access key id>                LastUsed
//	accessed/<account>/<user or role ID>/<service>  Accessed
//	accessjob/<account>/<job ID>           AccessJob; IDs begin with the time
//	accountalias/<account>                 -> its alias
//	alias/<alias>                          -> the account that has it: no two have the same
//	passwordpolicy/<account>               PasswordPolicy
//	login/<account>/<user ID>              LoginProfile
//	delegation/<ID>                        DelegationRequest: without an account, since anybody's may own it
//	delegationby/<requestor>/<created>/<ID>      -> <ID>: those that an account has made
//	delegationworkflow/<requestor>/<workflow ID> -> <ID>: no two of an account have the same
//	delegationof/<owner's account>/<ID>          -> <ID>: those that have an owner
//	credentialreport/<account>             CredentialReport
//	reportchunk/<account>/<n>              some rows of a report, as CSV
//	reportpending/<account>                -> the account: its report is not complete
//	mfa/<account><path><name, lower case>  MFADevice
//	mfauser/<account>/<user ID><path><name, l. c.>  -> the key of a device of the user
//	mfaassigned/<account><path><name, l. c.>        -> the key of a device that a user has
//	mfaunassigned/<account><path><name, l. c.>      -> the key of one that nobody has
//	sshkey/<account>/<user ID>/<ID>        SSHPublicKey
//	signing/<account>/<user ID>/<ID>       SigningCertificate
//	signingsum/<account>/<SHA-256>         -> its key: no two users of an account have the same
//	servercertificate/<account>/<ID>       ServerCertificate, with servercertificatename/ and servercertificatepath/
//	servicecredential/<account>/<user ID>/<ID>  ServiceCredential
//	servicecredentialof/<account>/<service>/<user ID>/<ID>  -> its key
//	oidcprovider/<account>/<ID>            OIDCProvider, with oidcprovidername/ and oidcproviderpath/
//	samlprovider/<account>/<ID>            SAMLProvider, with samlprovidername/ and samlproviderpath/
//	samlmetadata/<account>/<provider ID>   its metadata, as it was given
//	outbound/<account>                     Outbound: the account as an issuer of tokens
//	outboundissuer/<issuer>                -> the account that it stands for in a URL
//	reply/<token>                          a sealed Reply
//	parameter/<account>/<region>/<name>    Parameter; the name without a leading slash
//	parametercount/<account>/<region>      ParameterCount
//	parameterversion/<account>/<parameter ID>/<n, 20 digits>  ParameterVersion
//	parameterlabels/<account>/<parameter ID>        ParameterLabels, absent for none
//	parametergone/<account>/<parameter ID> ParameterGone: versions of a deleted parameter, on their way out
//	secret/<account>/<region>/<name>       Secret
//	secretmade/<account>/<region>/<time>/<name>     -> <name>: finds secrets in the order of their making
//	secretcount/<account>/<region>         how many secrets there are, absent for none
//	secretdue/<time>/<account>/<region>/<name>      -> <name>: finds secrets whose time has come
//	rotationdue/<time>/<account>/<region>/<name>    -> <name>: finds secrets whose rotation has something to do
//	rotatedkey/<access key>/<account>/<region>/<name>  -> <name>: finds the secrets that keys are in
//	secretvalue/<account>/<region>/<name>NUL<suffix>NUL<version>  a value, sealed
//	secretgone/<account>/<region>/<name>NUL<suffix>  the values of a secret that is gone are to go, too
//	stack/<account>/<region>/<ID>          Stack
//	stackname/<account>/<region>/<name>    -> <ID>: of those that are not deleted
//	stackmade/<account>/<region>/<time>/<ID>        -> <ID>: finds stacks in the order of their making
//	stackwork/<ID>                         -> its key: the stacks with an operation going on
//	stackgone/<time>/<ID>                  -> its key: finds deleted stacks in the order of their end
//	stackinputs/<account>/<region>/<ID>/<inputs ID>/<n>    a blob: StackInputs
//	stackoutputs/<account>/<region>/<ID>/now/<n>    a blob: its outputs
//	stackresource/<account>/<region>/<ID>/<logical ID>  StackResource
//	stackphysical/<account>/<hash>/<region>/<ID>/<logical ID>  -> the logical ID: finds it by the SHA-256 of its physical ID
//	stackoperation/<account>/<region>/<operation>   -> the ID of the stack that it is, or was, an operation on
//	stackstate/<account>/<region>/<ID>/<number>/<n> a blob: StackState
//	stackdrift/<account>/<region>/<ID>/now/<n>      a blob: its ResourceDrifts
//	driftdetection/<account>/<region>/<ID>          DriftDetection
//	stackevent/<account>/<region>/<ID>/<number>     StackEvent
//	stacksignal/<account>/<region>/<ID>/<place>/<signal>  Signal
//	changeset/<account>/<region>/<ID>/<change set>  ChangeSet
//	changesetstack/<change set>            -> the key of its stack
//	stackchanges/<account>/<region>/<ID>/<change set>/<n>  a blob: what a change set would do
//	export/<account>/<region>/<name>       Export
//	import/<account>/<region>/<export>NUL<ID>       -> the name of a stack that imports it
//	bucket/<name>                          Bucket
//	bucketof/<account>/<name>              -> <name>: finds the buckets of an account
//	object/<bucket>/<key>                  Object
//	upload/<bucket>/<key>NUL<ID>           Upload: an object in the making
//	objectbytes/total                      how many bytes objects and uploads have
//	objectgone/<time>/<file>               IDs of files that are to be removed
//	kept/<type>/<account>/<region>/<name>  Kept: a resource of a service that iamd does not run
const (
	KeysetKey = "sys/keyset"
	Outbox    = "outbox/"

	accounts      = "account/"
	accountNames  = "accountname/"
	accountEmails = "accountemail/"
	keys          = "key/"
	keysUsed      = "keyused/"

	organizations  = "organization/"
	memberAccounts = "organizationmember/"
	creations      = "accountcreation/"

	accesses   = "accessed/"
	accessJobs = "accessjob/"

	replies = "reply/"

	counts = "count/"

	accountAliases   = "accountalias/"
	aliases          = "alias/"
	passwordPolicies = "passwordpolicy/"
	loginProfiles    = "login/"

	credentialReports = "credentialreport/"
	reportChunks      = "reportchunk/"
	reportsPending    = "reportpending/"

	delegations         = "delegation/"
	delegationsBy       = "delegationby/"
	delegationsOf       = "delegationof/"
	delegationWorkflows = "delegationworkflow/"

	mfaDevices    = "mfa/"
	mfaOfUser     = "mfauser/"
	mfaAssigned   = "mfaassigned/"
	mfaUnassigned = "mfaunassigned/"

	sshPublicKeys        = "sshkey/"
	signingCertificates  = "signing/"
	signingSums          = "signingsum/"
	serviceCredentials   = "servicecredential/"
	credentialsByService = "servicecredentialof/"

	samlMetadata    = "samlmetadata/"
	outbounds       = "outbound/"
	outboundIssuers = "outboundissuer/"

	parameters        = "parameter/"
	parameterCounts   = "parametercount/"
	parameterVersions = "parameterversion/"
	parameterLabels   = "parameterlabels/"
	parametersGone    = "parametergone/"
	secrets           = "secret/"
	secretsMade       = "secretmade/"
	secretCounts      = "secretcount/"
	secretsDue        = "secretdue/"
	rotationsDue      = "rotationdue/"
	rotatedKeys       = "rotatedkey/"
	secretValues      = "secretvalue/"
	secretsGone       = "secretgone/"

	stacks          = "stack/"
	stackNames      = "stackname/"
	stacksMade      = "stackmade/"
	stackWork       = "stackwork/"
	stacksGone      = "stackgone/"
	stackInputs     = "stackinputs/"
	stackOutputs    = "stackoutputs/"
	stackResources  = "stackresource/"
	stackPhysicals  = "stackphysical/"
	stackOperations = "stackoperation/"
	stackStates     = "stackstate/"
	stackDrifts     = "stackdrift/"
	driftDetections = "driftdetection/"
	stackEvents     = "stackevent/"
	stackSignals    = "stacksignal/"
	changeSets      = "changeset/"
	changeSetStacks = "changesetstack/"
	stackChanges    = "stackchanges/"
	exports         = "export/"
	imports         = "import/"

	buckets     = "bucket/"
	bucketsOf   = "bucketof/"
	objects     = "object/"
	uploads     = "upload/"
	objectBytes = "objectbytes/total"
	objectsGone = "objectgone/"

	kept = "kept/"

	members        = "member/"
	inlinePolicies = "inline/"
	profilesOf     = "profileof/"
	roleDeletions  = "roledeletion/"

	policyTexts = "policytext/"
	policyUses  = "policyuse/"
	attachments = "attachedto/"
	boundaries  = "boundaryof/"
)

func accountKey(id ids.Account) string { return accounts + string(id) }

func keyKey(id ids.KeyID) string { return keys + string(id) }

func keyUsedKey(id ids.KeyID) string { return keysUsed + string(id) }

func policyTextKey(p *Policy, number int) string {
	return policyTexts + string(p.Account) + "/" + string(p.ID) + "/" + strconv.Itoa(number)
}

func policyUseKey(a ids.Account, policy ids.EntityID) string {
	return policyUses + string(a) + "/" + string(policy)
}
