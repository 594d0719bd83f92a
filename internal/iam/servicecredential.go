package iam

import (
	"context"
	"encoding/base64"
	"iter"
	"slices"
	"strconv"
	"time"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/iam"
)

func serviceCredentialOperations() []op.Operation {
	return []op.Operation{
		op.Write("CreateServiceSpecificCredential", needCreateServiceSpecificCredential, createServiceSpecificCredential),
		op.Read("ListServiceSpecificCredentials", needListServiceSpecificCredentials, listServiceSpecificCredentials),
		op.Write("ResetServiceSpecificCredential", needResetServiceSpecificCredential, resetServiceSpecificCredential),
		op.Write("UpdateServiceSpecificCredential", needUpdateServiceSpecificCredential, updateServiceSpecificCredential),
		op.Write("DeleteServiceSpecificCredential", needDeleteServiceSpecificCredential, deleteServiceSpecificCredential),
	}
}

// The services that have such credentials: the first two take a user name and a
// password, Bedrock takes an API key, which may expire.
const (
	codeCommit = "codecommit.amazonaws.com"
	cassandra  = "cassandra.amazonaws.com"
	bedrock    = "bedrock.amazonaws.com"
)

func checkService(service string) error {
	if slices.Contains([]string{codeCommit, cassandra, bedrock}, service) {
		return nil
	}
	return noSuchEntity("No such service %s is supported for Service Specific Credentials", service)
}

func needCreateServiceSpecificCredential(c *op.Call, in *shape.CreateServiceSpecificCredentialRequest) ([]op.Need, error) {
	needs, err := needUser(c, "CreateServiceSpecificCredential", in.UserName)
	if in.CredentialAgeDays != nil {
		needs = withContext(needs, "iam:servicespecificcredentialagedays", strconv.Itoa(int(*in.CredentialAgeDays)))
	}
	return withService(needs, in.ServiceName), err
}

// createServiceSpecificCredential shows the secret, as only a reset does after it.
func createServiceSpecificCredential(_ context.Context, c *op.Call, in *shape.CreateServiceSpecificCredentialRequest) (*shape.CreateServiceSpecificCredentialResponse, error) {
	u, err := mustUser(c, in.UserName)
	if err != nil {
		return nil, err
	}
	if err := checkService(in.ServiceName); err != nil {
		return nil, err
	}
	if in.CredentialAgeDays != nil && in.ServiceName != bedrock {
		return nil, validationError("CredentialAgeDays can only be specified for %s.", bedrock)
	}
	name, err := freeServiceName(c, u, in.ServiceName)
	if err != nil {
		return nil, err
	}
	s := &directory.ServiceCredential{
		Credential: newCredential(c, u, string(c.IDs.EntityID(ids.ServiceCredential))),
		Service:    in.ServiceName,
		Name:       name,
	}
	if in.CredentialAgeDays != nil {
		s.Expires = directory.At(c.Now.Add(time.Duration(*in.CredentialAgeDays) * 24 * time.Hour))
	}
	out, err := newServiceSecret(c, u, s)
	if err != nil {
		return nil, err
	}
	return &shape.CreateServiceSpecificCredentialResponse{ServiceSpecificCredential: out}, directory.PutServiceCredential(c.Tx, s)
}

// freeServiceName is a name for one more credential of the user, if it may have
// one: ann-at-123456789012, then ann+1-at-123456789012.
func freeServiceName(c *op.Call, u *directory.User, service string) (string, error) {
	all, err := directory.ServiceCredentials.Of(c.Snap, u)
	if err != nil {
		return "", err
	}
	taken := map[string]bool{}
	for _, s := range all {
		if s.Service == service {
			taken[s.Name] = true
		}
	}
	if err := checkRoom(c, serviceSpecificCredentialsPerUser, len(taken)); err != nil {
		return "", err
	}
	at := "-at-" + string(u.Account)
	name := u.Name + at
	for n := 1; taken[name]; n++ {
		name = u.Name + "+" + strconv.Itoa(n) + at
	}
	return name, nil
}

// newServiceSecret puts a new secret into s and describes s with it.
func newServiceSecret(c *op.Call, u *directory.User, s *directory.ServiceCredential) (*shape.ServiceSpecificCredential, error) {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	secret := c.IDs.Letters(letters, 59) + "="
	if s.Service == bedrock {
		secret = "ABSK" + base64.StdEncoding.EncodeToString([]byte(s.Name+":"+secret))
	}
	if err := s.SealSecret(c.Keyring, secret); err != nil {
		return nil, err
	}
	m := describeServiceCredential(c, u, s)
	out := &shape.ServiceSpecificCredential{
		CreateDate:                  m.CreateDate,
		ExpirationDate:              m.ExpirationDate,
		ServiceCredentialAlias:      m.ServiceCredentialAlias,
		ServiceName:                 m.ServiceName,
		ServiceSpecificCredentialId: m.ServiceSpecificCredentialId,
		ServiceUserName:             m.ServiceUserName,
		Status:                      m.Status,
		UserName:                    m.UserName,
	}
	if s.Service == bedrock {
		out.ServiceCredentialSecret = &secret
	} else {
		out.ServicePassword = &secret
	}
	return out, nil
}

func describeServiceCredential(c *op.Call, u *directory.User, s *directory.ServiceCredential) shape.ServiceSpecificCredentialMetadata {
	m := shape.ServiceSpecificCredentialMetadata{
		UserName:                    u.Name,
		Status:                      s.Status(),
		CreateDate:                  s.Created.Time(),
		ServiceSpecificCredentialId: s.ID,
		ServiceName:                 s.Service,
	}
	if s.Service == bedrock {
		m.ServiceCredentialAlias = &s.Name
	} else {
		m.ServiceUserName = &s.Name
	}
	if s.Expires != 0 {
		m.ExpirationDate = new(s.Expires.Time())
		if !c.Now.Before(s.Expires.Time()) {
			m.Status = shape.StatusTypeExpired
		}
	}
	return m
}

func needListServiceSpecificCredentials(c *op.Call, in *shape.ListServiceSpecificCredentialsRequest) ([]op.Need, error) {
	if orElse(in.AllUsers, false) {
		return need("ListServiceSpecificCredentials", "*"), nil
	}
	return needSubject(c, "ListServiceSpecificCredentials", in.UserName)
}

func listServiceSpecificCredentials(_ context.Context, c *op.Call, in *shape.ListServiceSpecificCredentialsRequest) (*shape.ListServiceSpecificCredentialsResponse, error) {
	service := orElse(in.ServiceName, "")
	if in.ServiceName != nil {
		if err := checkService(service); err != nil {
			return nil, err
		}
	}
	cursor, err := cursorOf(in.Marker)
	if err != nil {
		return nil, err
	}
	seq, err := serviceCredentials(c, in, service, cursor)
	if err != nil {
		return nil, err
	}
	p, err := paged(seq, in.MaxItems, (*directory.ServiceCredential).Place)
	if err != nil {
		return nil, err
	}
	out := &shape.ListServiceSpecificCredentialsResponse{
		ServiceSpecificCredentials: make([]shape.ServiceSpecificCredentialMetadata, len(p.items)),
		IsTruncated:                &p.more,
		Marker:                     p.marker,
	}
	for i, s := range p.items {
		u, err := directory.Users.ByID(c.Snap, s.Account, s.User)
		if err != nil {
			return nil, err
		}
		out.ServiceSpecificCredentials[i] = describeServiceCredential(c, u, s)
	}
	return out, nil
}

// serviceCredentials are those that a listing is about: everybody's or one user's.
func serviceCredentials(c *op.Call, in *shape.ListServiceSpecificCredentialsRequest, service, cursor string) (iter.Seq2[*directory.ServiceCredential, error], error) {
	if orElse(in.AllUsers, false) {
		if in.UserName != nil {
			return nil, validationError("AllUsers and UserName cannot be specified together.")
		}
		return directory.ListServiceCredentials(c.Snap, c.Caller.Account, service, cursor), nil
	}
	u, err := userOf(c, in.UserName)
	if err != nil || u == nil {
		return op.After[*directory.ServiceCredential](nil, "", nil), err
	}
	return directory.ListUserServiceCredentials(c.Snap, u, service, cursor), nil
}

func needResetServiceSpecificCredential(c *op.Call, in *shape.ResetServiceSpecificCredentialRequest) ([]op.Need, error) {
	return needServiceCredential(c, "ResetServiceSpecificCredential", in.UserName, in.ServiceSpecificCredentialId)
}

func resetServiceSpecificCredential(_ context.Context, c *op.Call, in *shape.ResetServiceSpecificCredentialRequest) (*shape.ResetServiceSpecificCredentialResponse, error) {
	u, was, err := mustServiceCredential(c, in.UserName, in.ServiceSpecificCredentialId)
	if err != nil {
		return nil, err
	}
	s := *was
	out, err := newServiceSecret(c, u, &s)
	if err != nil {
		return nil, err
	}
	return &shape.ResetServiceSpecificCredentialResponse{ServiceSpecificCredential: out}, directory.PutServiceCredential(c.Tx, &s)
}

func needUpdateServiceSpecificCredential(c *op.Call, in *shape.UpdateServiceSpecificCredentialRequest) ([]op.Need, error) {
	return needServiceCredential(c, "UpdateServiceSpecificCredential", in.UserName, in.ServiceSpecificCredentialId)
}

func updateServiceSpecificCredential(_ context.Context, c *op.Call, in *shape.UpdateServiceSpecificCredentialRequest) (*op.None, error) {
	_, s, err := mustServiceCredential(c, in.UserName, in.ServiceSpecificCredentialId)
	if err != nil {
		return nil, err
	}
	return setStatus(c, directory.ServiceCredentials, s, in.Status)
}

func needDeleteServiceSpecificCredential(c *op.Call, in *shape.DeleteServiceSpecificCredentialRequest) ([]op.Need, error) {
	return needServiceCredential(c, "DeleteServiceSpecificCredential", in.UserName, in.ServiceSpecificCredentialId)
}

func deleteServiceSpecificCredential(_ context.Context, c *op.Call, in *shape.DeleteServiceSpecificCredentialRequest) (*op.None, error) {
	_, s, err := mustServiceCredential(c, in.UserName, in.ServiceSpecificCredentialId)
	if err != nil {
		return nil, err
	}
	return &op.None{}, directory.DeleteServiceCredential(c.Tx, s)
}

// needServiceCredential is a permission on the user of a credential, which conditions
// may tie to its service. A credential that does not exist has none: Run says so.
func needServiceCredential(c *op.Call, action string, userName *string, id string) ([]op.Need, error) {
	needs, err := needSubject(c, action, userName)
	if err != nil {
		return nil, err
	}
	_, s, err := mustServiceCredential(c, userName, id)
	if refused(err) {
		return needs, nil
	}
	if err != nil {
		return nil, err
	}
	return withService(needs, s.Service), nil
}

func withService(needs []op.Need, service string) []op.Need {
	return withContext(needs, "iam:servicespecificcredentialservicename", service)
}

func mustServiceCredential(c *op.Call, userName *string, id string) (*directory.User, *directory.ServiceCredential, error) {
	u, err := mustUserOf(c, userName)
	if err != nil {
		return nil, nil, err
	}
	s, err := directory.ServiceCredentials.Get(c.Snap, u, id)
	if err == nil && s == nil {
		err = noSuchEntity("No such credential %s exists", id)
	}
	return u, s, err
}
