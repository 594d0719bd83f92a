package directory

import (
	"strings"
	"testing"
	"time"

	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/password"
	"github.com/iamd-project/iamd/internal/store"
)

// secured is a store in which ann has one of everything to sign in with, and
// there is an MFA device that nobody has.
type secured struct {
	*filled
	free, taken *MFADevice
	ssh         *SSHPublicKey
	signing     *SigningCertificate
	service     *ServiceCredential
	server      *ServerCertificate
}

func secure(t *testing.T) *secured {
	f := &secured{filled: fill(t)}
	a, ann := f.ann.Account, f.ann.ID
	own := func(id string) Credential {
		return Credential{ID: id, Account: a, User: ann, Created: At(time.Unix(1e9, 0))}
	}
	f.free = &MFADevice{Account: a, Path: "/eng/", Name: "Spare"}
	f.taken = &MFADevice{Account: a, Path: "/", Name: "Phone", User: ann, Enabled: 1}
	f.ssh = &SSHPublicKey{Credential: own("APKA")}
	f.signing = &SigningCertificate{Credential: own("CERT"), DER: []byte("der")}
	f.service = &ServiceCredential{Credential: own("ACCA"), Service: "codecommit.amazonaws.com"}
	f.server = &ServerCertificate{Entity: Entity{ID: "ASCA", Account: a, Name: "web", Path: "/"}}
	must(t, f.free.SealSeed(f.ring, []byte("free")))
	must(t, f.taken.SealSeed(f.ring, []byte("taken")))
	must(t, f.service.SealSecret(f.ring, "secret"))
	must(t, f.server.SealKey(f.ring, "key"))
	f.update(func(tx store.Tx) error {
		must(t, PutAccountAlias(tx, a, "ann-co"))
		must(t, PutPasswordPolicy(tx, a, &PasswordPolicy{MinimumLength: 6}))
		must(t, PutLoginProfile(tx, &LoginProfile{Account: a, User: ann, Passwords: []password.Hash{{}}}))
		must(t, PutMFADevice(tx, nil, f.free))
		must(t, PutMFADevice(tx, nil, f.taken))
		must(t, SSHPublicKeys.Put(tx, f.ssh))
		must(t, PutSigningCertificate(tx, f.signing))
		must(t, PutServiceCredential(tx, f.service))
		return ServerCertificates.Put(tx, nil, f.server)
	})
	return f
}

func TestCheckFindsNothingAboutCredentials(t *testing.T) {
	if r := secure(t).check(); r.Found > 0 {
		t.Errorf("problems %q", r.Problems)
	}
}

// Each way in which these records and their indexes can disagree is found.
func TestCheckFindsDamagedCredentials(t *testing.T) {
	const a ids.Account = "123456789012"
	for name, tc := range map[string]struct {
		damage func(f *secured, tx store.Tx) error
		want   string
	}{
		"alias that its account lacks": {func(_ *secured, tx store.Tx) error { return tx.Delete(accountAliasKey(a)) }, `alias/ann-co: account 123456789012 has alias ""`},
		"account whose alias is lost":  {func(_ *secured, tx store.Tx) error { return tx.Delete(aliasKey("ann-co")) }, `alias ann-co is ""'s`},
		"alias of no account":          {func(_ *secured, tx store.Tx) error { return PutAccountAlias(tx, "000000000000", "x") }, "its account does not exist"},
		"policy of no account":         {func(_ *secured, tx store.Tx) error { return PutPasswordPolicy(tx, "000000000000", &PasswordPolicy{}) }, "its account does not exist"},
		"login profile without password": {func(f *secured, tx store.Tx) error {
			return PutLoginProfile(tx, &LoginProfile{Account: a, User: f.ann.ID})
		}, "has no password"},
		"login profile of nobody": {func(_ *secured, tx store.Tx) error {
			return PutLoginProfile(tx, &LoginProfile{Account: a, User: "AIDA", Passwords: []password.Hash{{}}})
		}, "its user AIDA does not exist"},
		"login profile in a wrong place": {func(f *secured, tx store.Tx) error {
			return put(tx, loginProfileKey(a, f.bob.ID), &LoginProfile{Account: a, User: f.ann.ID, Passwords: []password.Hash{{}}})
		}, "holds the login profile of"},
		"device that its user does not find": {func(f *secured, tx store.Tx) error { return tx.Delete(mfaUserKey(a, f.ann.ID, "/phone")) }, "index mfauser/"},
		"device that is not listed":          {func(_ *secured, tx store.Tx) error { return tx.Delete("mfaunassigned/123456789012/eng/spare") }, "index mfaunassigned/"},
		"device that is listed as free": {func(f *secured, tx store.Tx) error {
			return tx.Put("mfaunassigned/123456789012/phone", []byte(f.taken.key()))
		}, "which is no such MFA device"},
		"index without its device": {func(f *secured, tx store.Tx) error { return tx.Delete(f.free.key()) }, "which is no such MFA device"},
		"device of nobody": {func(f *secured, tx store.Tx) error {
			d := *f.free
			d.User = "AIDA"
			return PutMFADevice(tx, f.free, &d)
		}, "its user AIDA does not exist"},
		"device with another's seed": {func(f *secured, tx store.Tx) error {
			d := *f.free
			d.Sealed = f.taken.Sealed
			return PutMFADevice(tx, f.free, &d)
		}, "its seed cannot be opened"},
		"SSH key of nobody": {func(_ *secured, tx store.Tx) error {
			return SSHPublicKeys.Put(tx, &SSHPublicKey{Credential: Credential{ID: "APKA", Account: a, User: "AIDA"}})
		}, "its user AIDA does not exist"},
		"SSH key in a wrong place":      {func(f *secured, tx store.Tx) error { return put(tx, SSHPublicKeys.key(a, f.bob.ID, "APKA"), f.ssh) }, "holds APKA of user"},
		"certificate without its sum":   {func(f *secured, tx store.Tx) error { return tx.Delete(signingSumKey(a, f.signing.DER)) }, "index signingsum/"},
		"sum without its certificate":   {func(f *secured, tx store.Tx) error { return SigningCertificates.Delete(tx, f.signing) }, "which is no such certificate"},
		"service credential not listed": {func(f *secured, tx store.Tx) error { return tx.Delete(f.service.index()) }, "index servicecredentialof/"},
		"service credential lost":       {func(f *secured, tx store.Tx) error { return tx.Delete(f.service.key()) }, "which is no such service credential"},
		"service credential with another's secret": {func(f *secured, tx store.Tx) error {
			s := *f.service
			s.Sealed = f.taken.Sealed
			return PutServiceCredential(tx, &s)
		}, "its secret cannot be opened"},
		"server certificate with another's key": {func(f *secured, tx store.Tx) error {
			s := *f.server
			s.Sealed = f.taken.Sealed
			return ServerCertificates.Put(tx, f.server, &s)
		}, "its private key cannot be opened"},
	} {
		t.Run(name, func(t *testing.T) {
			f := secure(t)
			f.update(func(tx store.Tx) error { return tc.damage(f, tx) })
			if r := f.check(); !strings.Contains(strings.Join(r.Problems, "\n"), tc.want) {
				t.Errorf("%d problems %q, want one with %q", r.Found, r.Problems, tc.want)
			}
		})
	}
}
