package test

import (
	"context"
	"encoding/base32"
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/iamd-project/iamd/internal/totp"
)

// population is an account with n of everything, as far as quotas go, and what lists
// must then have.
type population struct {
	t       *testing.T
	c       *iam.Client
	account string
	n       int
	asks    []ask
}

// first is the entity that has n of what such an entity can have.
const first = "e0"

func populate(t *testing.T, c *iam.Client, account string, n int) *population {
	t.Helper()
	p := &population{t: t, c: c, account: account, n: n}
	p.entities()
	p.attachments()
	p.credentials()
	p.devices()
	p.providers()
	p.simulations()
	return p
}

// each makes n things at the same time.
func (p *population) each(n int, do func(ctx context.Context, i int, name string) error) {
	p.t.Helper()
	together(n, func(i int) error { return do(p.t.Context(), i, fmt.Sprintf("e%d", i)) }).check(p.t)
}

func (p *population) ask(operation string, count int, arguments ...string) {
	a := ask{operation, map[string]any{}, count}
	for i := 0; i < len(arguments); i += 2 {
		a.Arguments[arguments[i]] = arguments[i+1]
	}
	p.asks = append(p.asks, a)
}

func (p *population) policy(name string) *string {
	return new("arn:aws:iam::" + p.account + ":policy/" + name)
}

// entities are n of each kind, and those that hold others hold n.
func (p *population) entities() {
	p.each(p.n, func(ctx context.Context, _ int, name string) error {
		if _, err := p.c.CreateUser(ctx, &iam.CreateUserInput{UserName: &name}); err != nil {
			return err
		}
		if _, err := p.c.CreateGroup(ctx, &iam.CreateGroupInput{GroupName: &name}); err != nil {
			return err
		}
		if _, err := p.c.CreateRole(ctx, &iam.CreateRoleInput{RoleName: &name, AssumeRolePolicyDocument: new(trustEC2)}); err != nil {
			return err
		}
		if _, err := p.c.CreatePolicy(ctx, &iam.CreatePolicyInput{PolicyName: &name, PolicyDocument: new(allowAll)}); err != nil {
			return err
		}
		_, err := p.c.CreateInstanceProfile(ctx, &iam.CreateInstanceProfileInput{InstanceProfileName: &name})
		return err
	})
	p.each(p.n, func(ctx context.Context, i int, name string) error {
		if _, err := p.c.AddUserToGroup(ctx, &iam.AddUserToGroupInput{GroupName: new(first), UserName: &name}); err != nil {
			return err
		}
		if i > 0 {
			if _, err := p.c.AddUserToGroup(ctx, &iam.AddUserToGroupInput{GroupName: &name, UserName: new(first)}); err != nil {
				return err
			}
		}
		_, err := p.c.AddRoleToInstanceProfile(ctx, &iam.AddRoleToInstanceProfileInput{InstanceProfileName: &name, RoleName: new(first)})
		return err
	})
	p.ask("ListUsers", p.n)
	p.ask("ListUsers", p.n, "PathPrefix", "/")
	p.ask("ListGroups", p.n)
	p.ask("ListRoles", p.n)
	p.ask("ListPolicies", p.n, "Scope", "Local")
	p.ask("ListInstanceProfiles", p.n)
	p.ask("GetGroup", p.n, "GroupName", first)
	p.ask("ListGroupsForUser", p.n, "UserName", first)
	p.ask("ListInstanceProfilesForRole", p.n, "RoleName", first)
	p.ask("GetAccountAuthorizationDetails", 4*p.n) // users, groups, roles, policies
}

// attachments are n policies of one user, group and role, attached and their own.
func (p *population) attachments() {
	p.each(p.n, func(ctx context.Context, _ int, name string) error {
		if _, err := p.c.AttachUserPolicy(ctx, &iam.AttachUserPolicyInput{UserName: new(first), PolicyArn: p.policy(name)}); err != nil {
			return err
		}
		if _, err := p.c.AttachGroupPolicy(ctx, &iam.AttachGroupPolicyInput{GroupName: new(first), PolicyArn: p.policy(name)}); err != nil {
			return err
		}
		if _, err := p.c.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: new(first), PolicyArn: p.policy(name)}); err != nil {
			return err
		}
		if _, err := p.c.PutUserPolicy(ctx, &iam.PutUserPolicyInput{UserName: new(first), PolicyName: &name, PolicyDocument: new(allowAll)}); err != nil {
			return err
		}
		if _, err := p.c.PutGroupPolicy(ctx, &iam.PutGroupPolicyInput{GroupName: new(first), PolicyName: &name, PolicyDocument: new(allowAll)}); err != nil {
			return err
		}
		_, err := p.c.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: new(first), PolicyName: &name, PolicyDocument: new(allowAll)})
		return err
	})
	p.each(p.n-1, func(ctx context.Context, i int, _ string) error {
		name := fmt.Sprintf("e%d", i+1)
		_, err := p.c.AttachUserPolicy(ctx, &iam.AttachUserPolicyInput{UserName: &name, PolicyArn: p.policy(first)})
		return err
	})
	versions := min(p.n, 50)
	p.each(versions-1, func(ctx context.Context, _ int, _ string) error {
		_, err := p.c.CreatePolicyVersion(ctx, &iam.CreatePolicyVersionInput{PolicyArn: p.policy(first), PolicyDocument: new(allowAll)})
		return err
	})
	p.ask("ListAttachedUserPolicies", p.n, "UserName", first)
	p.ask("ListAttachedGroupPolicies", p.n, "GroupName", first)
	p.ask("ListAttachedRolePolicies", p.n, "RoleName", first)
	p.ask("ListUserPolicies", p.n, "UserName", first)
	p.ask("ListGroupPolicies", p.n, "GroupName", first)
	p.ask("ListRolePolicies", p.n, "RoleName", first)
	p.ask("ListEntitiesForPolicy", p.n+2, "PolicyArn", *p.policy(first)) // all users, a group, a role
	p.ask("ListPolicyVersions", versions, "PolicyArn", *p.policy(first))
}

// credentials are n keys and certificates, or as many as one user may have.
func (p *population) credentials() {
	body, private := certificate(p.t, "one", time.Now().Add(time.Hour))
	p.each(p.n, func(ctx context.Context, i int, name string) error {
		if _, err := p.c.UploadSSHPublicKey(ctx, &iam.UploadSSHPublicKeyInput{UserName: new(first), SSHPublicKeyBody: new(sshKeyOf(i, 2048))}); err != nil {
			return err
		}
		_, err := p.c.UploadServerCertificate(ctx, &iam.UploadServerCertificateInput{ServerCertificateName: &name, CertificateBody: &body, PrivateKey: &private})
		return err
	})
	two := min(p.n, 2)
	p.each(two, func(ctx context.Context, i int, name string) error {
		body, _ := certificate(p.t, name, time.Now().Add(time.Hour))
		if _, err := p.c.UploadSigningCertificate(ctx, &iam.UploadSigningCertificateInput{UserName: new(first), CertificateBody: &body}); err != nil {
			return err
		}
		_, err := p.c.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: new(first)})
		return err
	})
	must[*iam.CreateAccountAliasOutput](p.t)(p.c.CreateAccountAlias(p.t.Context(), &iam.CreateAccountAliasInput{AccountAlias: new(fmt.Sprintf("boto-%d", p.n))}))
	p.ask("ListSSHPublicKeys", p.n, "UserName", first)
	p.ask("ListServerCertificates", p.n)
	p.ask("ListSigningCertificates", two, "UserName", first)
	p.ask("ListAccessKeys", two, "UserName", first)
	p.ask("ListAccountAliases", 1)
}

// devices are n MFA devices of one user.
func (p *population) devices() {
	now := totp.At(time.Now())
	p.each(p.n, func(ctx context.Context, _ int, name string) error {
		made, err := p.c.CreateVirtualMFADevice(ctx, &iam.CreateVirtualMFADeviceInput{VirtualMFADeviceName: &name})
		if err != nil {
			return err
		}
		seed, err := seedOf(made.VirtualMFADevice)
		if err != nil {
			return err
		}
		_, err = p.c.EnableMFADevice(ctx, &iam.EnableMFADeviceInput{UserName: new(first), SerialNumber: made.VirtualMFADevice.SerialNumber,
			AuthenticationCode1: new(totp.Code(seed, now-1)), AuthenticationCode2: new(totp.Code(seed, now))})
		return err
	})
	p.ask("ListMFADevices", p.n, "UserName", first)
	p.ask("ListVirtualMFADevices", p.n)
}

// providers are one of each, which carry tags as the first entities do.
func (p *population) providers() {
	ctx, tags := p.t.Context(), make([]types.Tag, min(p.n, 50))
	for i := range tags {
		tags[i] = types.Tag{Key: new(fmt.Sprintf("key-%d", i)), Value: new("v")}
	}
	_, metadata := newSAML(p.t)
	saml := must[*iam.CreateSAMLProviderOutput](p.t)(p.c.CreateSAMLProvider(ctx, &iam.CreateSAMLProviderInput{Name: new("idp"), SAMLMetadataDocument: &metadata, Tags: tags}))
	oidc := must[*iam.CreateOpenIDConnectProviderOutput](p.t)(p.c.CreateOpenIDConnectProvider(ctx, &iam.CreateOpenIDConnectProviderInput{
		Url: new("https://idp.example.com"), ThumbprintList: []string{thumbprint}, Tags: tags}))
	serial := "arn:aws:iam::" + p.account + ":mfa/" + first
	must[*iam.TagUserOutput](p.t)(p.c.TagUser(ctx, &iam.TagUserInput{UserName: new(first), Tags: tags}))
	must[*iam.TagRoleOutput](p.t)(p.c.TagRole(ctx, &iam.TagRoleInput{RoleName: new(first), Tags: tags}))
	must[*iam.TagPolicyOutput](p.t)(p.c.TagPolicy(ctx, &iam.TagPolicyInput{PolicyArn: p.policy(first), Tags: tags}))
	must[*iam.TagInstanceProfileOutput](p.t)(p.c.TagInstanceProfile(ctx, &iam.TagInstanceProfileInput{InstanceProfileName: new(first), Tags: tags}))
	must[*iam.TagServerCertificateOutput](p.t)(p.c.TagServerCertificate(ctx, &iam.TagServerCertificateInput{ServerCertificateName: new(first), Tags: tags}))
	must[*iam.TagMFADeviceOutput](p.t)(p.c.TagMFADevice(ctx, &iam.TagMFADeviceInput{SerialNumber: &serial, Tags: tags}))
	p.ask("ListUserTags", len(tags), "UserName", first)
	p.ask("ListRoleTags", len(tags), "RoleName", first)
	p.ask("ListPolicyTags", len(tags), "PolicyArn", *p.policy(first))
	p.ask("ListInstanceProfileTags", len(tags), "InstanceProfileName", first)
	p.ask("ListServerCertificateTags", len(tags), "ServerCertificateName", first)
	p.ask("ListMFADeviceTags", len(tags), "SerialNumber", serial)
	p.ask("ListSAMLProviderTags", len(tags), "SAMLProviderArn", *saml.SAMLProviderArn)
	p.ask("ListOpenIDConnectProviderTags", len(tags), "OpenIDConnectProviderArn", *oidc.OpenIDConnectProviderArn)
}

// simulations are about n actions.
func (p *population) simulations() {
	actions := make([]string, p.n)
	for i := range actions {
		actions[i] = fmt.Sprintf("s3:Action%d", i)
	}
	p.asks = append(p.asks,
		ask{"SimulateCustomPolicy", map[string]any{"PolicyInputList": []string{allowAll}, "ActionNames": actions}, p.n},
		ask{"SimulatePrincipalPolicy", map[string]any{"PolicySourceArn": "arn:aws:iam::" + p.account + ":user/" + first, "ActionNames": actions}, p.n})
}

// seedOf is what a device's codes are made from.
func seedOf(d *types.VirtualMFADevice) ([]byte, error) {
	return base32.StdEncoding.DecodeString(string(d.Base32StringSeed))
}
