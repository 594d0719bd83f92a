package test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// An account acts in the place of a user of another, who approved it, within the policy
// that was approved.
func TestDelegation(t *testing.T) {
	t.Parallel()
	s := start(t)
	ctx := t.Context()
	partnerID, partner := rootKeyOf(t, s, "create", "partner")
	const template = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:Get*","Resource":"arn:aws:iam::*:user/@{userName}"}}`
	made := must[*iam.CreatePolicyOutput](t)(s.iam(partner).CreatePolicy(ctx, &iam.CreatePolicyInput{PolicyName: new("look"), PolicyDocument: new(template)}))
	asked := must[*iam.CreateDelegationRequestOutput](t)(s.iam(partner).CreateDelegationRequest(ctx, &iam.CreateDelegationRequestInput{
		Description: new("look at Bob"), NotificationChannel: new("arn:aws:sns:us-east-1:" + partnerID + ":requests"),
		RequestorWorkflowId: new("flow-1"), SessionDuration: new(int32(3600)),
		Permissions: &types.DelegationPermission{PolicyTemplateArn: made.Policy.Arn, Parameters: []types.PolicyParameter{
			{Name: new("userName"), Type: types.PolicyParameterTypeEnumString, Values: []string{"Bob"}},
		}},
	}))
	token := asked.DelegationRequestId

	boss := s.userKey(t, "boss")
	must[*iam.AttachUserPolicyOutput](t)(s.iam(s.root(t)).AttachUserPolicy(ctx, &iam.AttachUserPolicyInput{UserName: new("boss"), PolicyArn: new(adminARN)}))
	s.userKey(t, "Bob")
	trade := func() (*sts.GetDelegatedAccessTokenOutput, error) {
		return s.sts(partner).GetDelegatedAccessToken(ctx, &sts.GetDelegatedAccessTokenInput{TradeInToken: token})
	}
	_, err := trade()
	refusedAs(t, err, "ExpiredTradeInTokenException", "The trade-in token provided in the request has expired and can no longer be exchanged for credentials.")
	must[*iam.AssociateDelegationRequestOutput](t)(s.iam(boss).AssociateDelegationRequest(ctx, &iam.AssociateDelegationRequestInput{DelegationRequestId: token}))
	must[*iam.AcceptDelegationRequestOutput](t)(s.iam(boss).AcceptDelegationRequest(ctx, &iam.AcceptDelegationRequestInput{DelegationRequestId: token}))
	must[*iam.SendDelegationTokenOutput](t)(s.iam(boss).SendDelegationToken(ctx, &iam.SendDelegationTokenInput{DelegationRequestId: token}))

	out := must[*sts.GetDelegatedAccessTokenOutput](t)(trade())
	if *out.AssumedPrincipal != "arn:aws:iam::123456789012:user/boss" {
		t.Errorf("acts as %s", *out.AssumedPrincipal)
	}
	k := temporary(out.Credentials)
	must[*iam.GetUserOutput](t)(s.iam(k).GetUser(ctx, &iam.GetUserInput{UserName: new("Bob")}))
	_, err = s.iam(k).GetUser(ctx, &iam.GetUserInput{UserName: new("boss")})
	refusedAs(t, err, "AccessDenied", "User: arn:aws:iam::123456789012:user/boss is not authorized to perform: iam:GetUser "+
		"on resource: arn:aws:iam::123456789012:user/boss because no session policy allows the iam:GetUser action")
}
