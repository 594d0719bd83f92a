package seal

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/tink-crypto/tink-go/v2/aead/subtle"
	"github.com/tink-crypto/tink-go/v2/tink"
)

func newMasterKey(t testing.TB) *Master {
	t.Helper()
	m, err := ParseMaster(NewMasterText())
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func wrap(t testing.TB, k *Keyring, m *Master) []byte {
	t.Helper()
	wrapped, err := k.Wrap(m)
	if err != nil {
		t.Fatal(err)
	}
	return wrapped
}

func TestParseMaster(t *testing.T) {
	text := NewMasterText()
	bare := strings.TrimPrefix(text, MasterPrefix)
	want, err := ParseMaster(text)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{bare, text + "\n", text + "\r\n", bare + "\n"} {
		if m, err := ParseMaster(s); err != nil || m.ID() != want.ID() {
			t.Errorf("ParseMaster(%q) = %v, %v; want %v", s, m, err, want)
		}
	}
	for _, s := range []string{
		"", "\n", MasterPrefix, bare[1:], bare + "A", " " + bare, bare + " ", text + "\n" + text,
		"iamd-master-key-v2:" + bare, bare[:20] + "\n" + bare[20:],
		base64.StdEncoding.EncodeToString(make([]byte, 31)), base64.StdEncoding.EncodeToString(make([]byte, 33)),
		strings.Repeat("A", 42) + "B=", hex.EncodeToString(make([]byte, 32)), base64.URLEncoding.EncodeToString(bytes.Repeat([]byte{0xff}, 32)),
	} {
		m, err := ParseMaster(s)
		if m != nil || err != ErrNotMaster {
			t.Errorf("ParseMaster(%q) = %v, %v", s, m, err)
		}
	}
}

// A change of these ids, or of how a keyring is wrapped, locks people out of
// their data.
func TestMasterIDsAreForEver(t *testing.T) {
	m, err := ParseMaster(base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{7}, 32)))
	if err != nil || m.ID() != "96391568f7ccd771" {
		t.Error(m, err)
	}
	if m := RemoteMaster("aws-kms://alias/iamd", nil); m.ID() != "bcba8baf4a058737" {
		t.Error(m)
	}
	k, err := OpenKeyring(decode(t, goldenKeyring), m)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := k.Open(decode(t, goldenSealed), place); err != nil || !bytes.Equal(got, secret) {
		t.Errorf("%q, %v", got, err)
	}
}

func decode(t *testing.T, s string) []byte {
	t.Helper()
	b, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

const (
	goldenKeyring = "AZY5FWj3zNdxKTdsoArbx9gp6g3r6uAiPTJ5klQm/zqbfDbj6Aq0f01nI3v5kZcCywhp8LN4Kjornu0SvDHVBjLpLiRVX8lLHKEZBwTcIP4X+GsgJdKLvkIHpX9qrYmg7gpOKxMRORzx/50z0DNjIP7oxxZNgQ8vWgbHhyWBrIlVehICxkcGHqsFVxIcsFmG3Q=="
	goldenSealed  = "Af6JkbtWtkDy+qKw699se6ExX8QlPqjZgudu5Gdou1JKx44H8jP9tQntCz+fsUAo28b2GwolUufsJ6lAPpVGvSs0XbplCIZSKQ=="
)

func TestOpenKeyringRefuses(t *testing.T) {
	master := newMasterKey(t)
	wrapped := wrap(t, newKeyring(t), master)
	for i := range wrapped {
		for bit := range 8 {
			bad := bytes.Clone(wrapped)
			bad[i] ^= 1 << bit
			if _, err := OpenKeyring(bad, master); err == nil {
				t.Fatalf("byte %d with bit %d flipped opened", i, bit)
			}
		}
	}
	for n := range wrapped {
		if _, err := OpenKeyring(wrapped[:n], master); err == nil {
			t.Errorf("%d of %d bytes opened", n, len(wrapped))
		}
	}
	other := newMasterKey(t)
	_, err := OpenKeyring(wrapped, other)
	if !errors.Is(err, ErrWrongMaster) || !strings.Contains(err.Error(), master.ID()) || !strings.Contains(err.Error(), other.ID()) {
		t.Errorf("another master: %v", err)
	}
	// Another key that claims the right id is refused by the cipher.
	other.id = master.id
	if _, err := OpenKeyring(wrapped, other); err == nil {
		t.Error("a master with a borrowed id opened it")
	}
	if _, err := OpenKeyring(wrapped); !errors.Is(err, ErrWrongMaster) {
		t.Errorf("no master: %v", err)
	}
}

func TestRewrap(t *testing.T) {
	old, next := newMasterKey(t), newMasterKey(t)
	k := newKeyring(t)
	sealed := mustSeal(t, k, secret)
	before := wrap(t, k, old)
	after, err := Rewrap(before, old, next)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := Rewrap(after, old, next); err != nil || !bytes.Equal(again, after) {
		t.Errorf("run again, it gave other bytes: %v", err)
	}
	if _, err := OpenKeyring(after, old); !errors.Is(err, ErrWrongMaster) {
		t.Errorf("the old master: %v", err)
	}
	// Both at hand, in either order: the state of a rotation through the environment.
	for _, wrapped := range [][]byte{before, after} {
		k, err := OpenKeyring(wrapped, next, old)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := k.Open(sealed, place); err != nil || !bytes.Equal(got, secret) {
			t.Errorf("%q, %v", got, err)
		}
	}
	if _, err := Rewrap(before, next, newMasterKey(t)); !errors.Is(err, ErrWrongMaster) {
		t.Errorf("from a key that does not open it: %v", err)
	}
}

type offline struct{ tink.AEAD }

func (offline) Decrypt([]byte, []byte) ([]byte, error) { return nil, errors.New("no route to host") }

func TestRemoteMaster(t *testing.T) {
	a, err := subtle.NewAESGCM(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	wrapped := wrap(t, newKeyring(t), RemoteMaster("kms://one", a))
	if _, err := OpenKeyring(wrapped, RemoteMaster("kms://one", a)); err != nil {
		t.Error(err)
	}
	if _, err := OpenKeyring(wrapped, RemoteMaster("kms://two", a)); !errors.Is(err, ErrWrongMaster) {
		t.Errorf("another uri: %v", err)
	}
	_, err = OpenKeyring(wrapped, RemoteMaster("kms://one", offline{a}))
	if err == nil || errors.Is(err, ErrWrongMaster) || !strings.Contains(err.Error(), "no route to host") {
		t.Errorf("out of reach: %v", err)
	}
}

func TestNothingSecretPrints(t *testing.T) {
	text := NewMasterText()
	m, err := ParseMaster(text)
	if err != nil {
		t.Fatal(err)
	}
	k := newKeyring(t)
	type holder struct {
		Master  *Master
		Keyring *Keyring
		m       *Master
		k       *Keyring
	}
	h := holder{m, k, m, k}
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		fmt.Fprintf(&out, verb+" "+verb+" "+verb+" "+verb+"\n", m, k, h, &h)
	}
	for _, log := range []*slog.Logger{slog.New(slog.NewJSONHandler(&out, nil)), slog.New(slog.NewTextHandler(&out, nil))} {
		log.Info("start", "master", m, "keyring", k, "holder", h, "both", []any{m, k})
	}
	j, err := json.Marshal(h)
	if err != nil {
		t.Fatal(err)
	}
	out.Write(j)

	key := decode(t, strings.TrimPrefix(text, MasterPrefix))
	for _, trace := range []string{
		strings.TrimPrefix(text, MasterPrefix), string(key), hex.EncodeToString(key), strings.Trim(fmt.Sprint(key), "[]"),
		"uint8", "0x1, ", "cipher",
	} {
		if strings.Contains(out.String(), trace) {
			t.Errorf("%q shows in\n%s", trace, out.String())
		}
	}
	for _, want := range []string{`"master":"master key ` + m.ID() + `"`, `"keyring":"keyring of size 1"`} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the log lacks %s:\n%s", want, out.String())
		}
	}
}
