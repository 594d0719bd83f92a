package authn

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/op"
	"github.com/iamd-project/iamd/internal/seal"
	"github.com/iamd-project/iamd/internal/store"
	"github.com/iamd-project/iamd/sigv4"
)

var sessionStart = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// signedBy is a request that a session has signed, and when.
func signedBy(t *testing.T, s *directory.Session, token string, at time.Time) Signature {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, "http://127.0.0.1:4566/", nil)
	signer := sigv4.Signer{
		Credentials: sigv4.Credentials{AccessKeyID: string(s.KeyID), SecretAccessKey: string(s.Secret), SessionToken: token},
		Region:      "us-east-1", Service: "sts",
	}
	if err := signer.Sign(r, sigv4.HashPayload(nil), at); err != nil {
		t.Fatal(err)
	}
	return Read(r)
}

// A session is good for its bearer, in its time, under the keys that sealed it.
func TestSessions(t *testing.T) {
	db := storeWithKeys(t)
	ring, err := seal.NewKeyring()
	if err != nil {
		t.Fatal(err)
	}
	role := &directory.Role{Entity: directory.Entity{ID: "AROAONE", Account: "123456789012", Name: "reader", Path: "/eng/"}}
	err = db.Update(t.Context(), func(tx store.Tx) error {
		return errors.Join(directory.PutAccount(tx, &directory.Account{ID: role.Account}), directory.Roles.Put(tx, nil, role))
	})
	if err != nil {
		t.Fatal(err)
	}
	a := &Authenticator{Store: db, Keyring: func() *seal.Keyring { return ring }, Rules: &sigv4.Verifier{}, Keys: sigv4.NewKeyCache(16)}
	s := &directory.Session{
		KeyID: ids.Source{}.TempKeyID(role.Account), Account: role.Account, Secret: ids.Source{}.SecretKey(),
		Kind: directory.RoleSession, Of: role.ID, Name: "work",
		Issued: directory.At(sessionStart), Expires: directory.At(sessionStart.Add(time.Hour)),
	}
	token, err := s.Token(ring)
	if err != nil {
		t.Fatal(err)
	}
	older := *s
	older.KeyID = ids.Source{}.TempKeyID(role.Account)
	otherRing, err := seal.NewKeyring()
	if err != nil {
		t.Fatal(err)
	}
	foreign, err := s.Token(otherRing)
	if err != nil {
		t.Fatal(err)
	}
	imposter := *s
	imposter.Secret = ids.Source{}.SecretKey()
	for _, test := range []struct {
		name    string
		session *directory.Session
		token   string
		at      time.Time
		refused awserr.Kind // 0 for none
	}{
		{"good", s, token, sessionStart.Add(time.Minute), 0},
		{"to the last second", s, token, sessionStart.Add(time.Hour - time.Second), 0},
		{"over", s, token, sessionStart.Add(time.Hour), awserr.ExpiredToken},
		{"no token", s, "", sessionStart, awserr.BadToken},
		{"nonsense", s, "nonsense", sessionStart, awserr.BadToken},
		{"cut", s, token[:len(token)-4], sessionStart, awserr.BadToken},
		{"too long", s, token + strings.Repeat("A", directory.MaxToken), sessionStart, awserr.BadToken},
		{"another key's", &older, token, sessionStart, awserr.BadToken},
		{"another server's", s, foreign, sessionStart, awserr.BadToken},
		{"signed with another secret", &imposter, token, sessionStart, awserr.BadSignature},
	} {
		signed := signedBy(t, test.session, test.token, test.at)
		claim, err := a.Verify(t.Context(), &signed, nil, test.at)
		refused, _ := errors.AsType[*awserr.Refusal](err)
		if refused == nil {
			refused = &awserr.Refusal{}
		}
		if refused.Kind != test.refused {
			t.Errorf("%s: %v, want kind %d", test.name, err, test.refused)
		}
		if test.refused != 0 || err != nil {
			continue
		}
		var p op.Principal
		err = db.View(t.Context(), func(r store.Reader) (err error) {
			p, err = a.Confirm(r, claim)
			return err
		})
		if err != nil || p.Kind != op.RoleSession || p.ARN != "arn:aws:sts::123456789012:assumed-role/reader/work" || p.ID != "AROAONE:work" || claim.LongTerm() {
			t.Errorf("%s: %+v, %v", test.name, p, err)
		}
	}
}
