package test

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

func delegationStories() []story {
	return []story{{name: "delegation requests", given: givenPartner, steps: delegationSteps}}
}

// givenPartner makes another account, which asks.
func givenPartner(t *testing.T, s *server, v values) {
	account, k := rootKeyOf(t, s, "create", "partner")
	v["partner"] = account
	v.putKey("partner", k)
	v["noise"] = base64.RawURLEncoding.EncodeToString(randomBytes(t, 4400))
}

const bucketTemplate = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::@{bucket}/*"}}`

func delegationOf(workflow, bucket string) *iam.CreateDelegationRequestInput {
	return &iam.CreateDelegationRequestInput{
		Description: new("set up the bucket"), NotificationChannel: new("arn:aws:sns:us-east-1:<partner>:requests"),
		RequestorWorkflowId: &workflow, SessionDuration: new(int32(3600)),
		Permissions: &types.DelegationPermission{PolicyTemplateArn: new("<template>"), Parameters: []types.PolicyParameter{
			{Name: &bucket, Type: types.PolicyParameterTypeEnumString, Values: []string{"logs"}},
		}},
	}
}

const noDelegation = "00000000-0000-0000-0000-000000000000"

var delegationSteps = []step{
	does(&iam.CreatePolicyInput{PolicyName: new("s"), PolicyDocument: new(bucketTemplate)}).by("partner").keeps("template", "Policy.Arn"),
	does(delegationOf("flow-1", "bucket")).by("partner").keeps("one", "DelegationRequestId"),
	does(delegationOf("flow-2", "bucket")).by("partner").keeps("two", "DelegationRequestId"),
	fails("EntityAlreadyExists", delegationOf("flow-1", "bucket")).by("partner").says("A delegation request with workflow id flow-1 already exists."),
	fails("InvalidInput", delegationOf("flow-3", "basket")).by("partner"),
	does(&iam.GetDelegationRequestInput{DelegationRequestId: new("<one>")}).shows("DelegationRequest.State", "UNASSIGNED").
		shows("DelegationRequest.RequestorId", "<partner>").shows("DelegationRequest.RequestorName", "partner"),
	fails("InvalidInput", &iam.AcceptDelegationRequestInput{DelegationRequestId: new("<one>")}, &iam.RejectDelegationRequestInput{DelegationRequestId: new("<one>")},
		&iam.UpdateDelegationRequestInput{DelegationRequestId: new("<one>")}, &iam.SendDelegationTokenInput{DelegationRequestId: new("<one>")}).
		says("The delegation request <one> is in state UNASSIGNED."),
	does(&iam.AssociateDelegationRequestInput{DelegationRequestId: new("<one>")}, &iam.AssociateDelegationRequestInput{DelegationRequestId: new("<two>")}),
	fails("InvalidInput", &iam.AssociateDelegationRequestInput{DelegationRequestId: new("<one>")}).says("The delegation request <one> is in state ASSIGNED."),
	does(&iam.ListDelegationRequestsInput{}).shows("DelegationRequests.#", "2").shows("IsTruncated", "false"),
	does(&iam.ListDelegationRequestsInput{OwnerId: new("arn:aws:iam::<account>:user/none")}).shows("DelegationRequests.#", "0"),
	does(&iam.UpdateDelegationRequestInput{DelegationRequestId: new("<one>"), Notes: new("please")}),
	does(&iam.GetHumanReadableSummaryInput{EntityArn: new("arn:aws:iam::<account>:delegation-request/<one>")}).shows("SummaryState", "NOT_SUPPORTED"),
	fails("InvalidInput", &iam.GetHumanReadableSummaryInput{EntityArn: new(notPolicy)}).says("ARN " + notPolicy + " is not valid."),
	does(&iam.AcceptDelegationRequestInput{DelegationRequestId: new("<one>")}, &iam.SendDelegationTokenInput{DelegationRequestId: new("<one>")},
		&iam.RejectDelegationRequestInput{DelegationRequestId: new("<two>"), Notes: new("no")}),
	does(&iam.GetDelegationRequestInput{DelegationRequestId: new("<one>")}).shows("DelegationRequest.State", "FINALIZED").shows("DelegationRequest.Notes", "please"),
	does(&iam.GetDelegationRequestInput{DelegationRequestId: new("<two>")}).shows("DelegationRequest.State", "REJECTED").shows("DelegationRequest.RejectionReason", "no"),
	// What the partner may do in the end, unless the policy does not fit into a session.
	does(&sts.GetDelegatedAccessTokenInput{TradeInToken: new("<one>")}).by("partner").keeps("delegate", "Credentials").
		shows("AssumedPrincipal", "arn:aws:iam::<account>:root").shows("PackedPolicySize", "*"),
	does(&sts.GetCallerIdentityInput{}).by("delegate").shows("Account", "<account>"),
	fails("ExpiredTradeInTokenException", &sts.GetDelegatedAccessTokenInput{TradeInToken: new("<two>")}).by("partner"),
	does(&iam.CreatePolicyInput{PolicyName: new("long"), PolicyDocument: new(strings.Replace(bucketTemplate, "/*", "/<noise>", 1))}).by("partner").
		keeps("template", "Policy.Arn"),
	does(delegationOf("flow-4", "bucket")).by("partner").keeps("long", "DelegationRequestId"),
	does(&iam.AssociateDelegationRequestInput{DelegationRequestId: new("<long>")}, &iam.AcceptDelegationRequestInput{DelegationRequestId: new("<long>")},
		&iam.SendDelegationTokenInput{DelegationRequestId: new("<long>")}),
	fails("PackedPolicyTooLarge", &sts.GetDelegatedAccessTokenInput{TradeInToken: new("<long>")}).by("partner"),

	fails("NoSuchEntity", &iam.GetDelegationRequestInput{DelegationRequestId: new(noDelegation)},
		&iam.AssociateDelegationRequestInput{DelegationRequestId: new(noDelegation)}, &iam.AcceptDelegationRequestInput{DelegationRequestId: new(noDelegation)},
		&iam.RejectDelegationRequestInput{DelegationRequestId: new(noDelegation)}, &iam.UpdateDelegationRequestInput{DelegationRequestId: new(noDelegation)},
		&iam.SendDelegationTokenInput{DelegationRequestId: new(noDelegation)},
		&iam.GetHumanReadableSummaryInput{EntityArn: new("arn:aws:iam::<account>:delegation-request/" + noDelegation)}).
		says("The delegation request with id " + noDelegation + " cannot be found."),
}
