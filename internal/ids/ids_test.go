package ids_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
	"testing"

	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/ids/idstest"
)

const account = ids.Account("123456789012")

func TestForms(t *testing.T) {
	for _, s := range []ids.Source{{}, idstest.Source(t.Name())} {
		for range 100 {
			for form, got := range map[string]string{
				`AKIA[Q-Z2-7][A-Z2-7]{15}`: string(s.AccessKeyID(account)),
				`ASIA[Q-Z2-7][A-Z2-7]{15}`: string(s.TempKeyID(account)),
				`AIDA[IJ][A-Z2-7]{16}`:     string(s.EntityID(ids.User)),
				`APKA[IJ][A-Z2-7]{15}`:     string(s.EntityID(ids.PublicKey)),
				`[A-Za-z0-9+/]{40}`:        string(s.SecretKey()),
				`[1-9][0-9]{11}`:           string(s.Account()),
				`[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}`: s.UUID(),
			} {
				if !regexp.MustCompile(`^` + form + `$`).MatchString(got) {
					t.Fatalf("%q does not look like %s", got, form)
				}
			}
		}
	}
}

func TestRepeatable(t *testing.T) {
	all := func(s ids.Source) string {
		return fmt.Sprint(s.UUID(), s.AccessKeyID(account), string(s.SecretKey()), s.EntityID(ids.Role), s.Letters("abc", 50))
	}
	if a, b := all(idstest.Source("one")), all(idstest.Source("one")); a != b {
		t.Errorf("the same name gave\n%s\n%s", a, b)
	}
	if a, b := all(idstest.Source("one")), all(idstest.Source("two")); a == b {
		t.Errorf("two names gave %s", a)
	}
}

func TestNoRandomness(t *testing.T) {
	defer func() {
		if fmt.Sprint(recover()) != "ids: no randomness: unexpected EOF" {
			t.Error("a short reader did not stop UUID")
		}
	}()
	ids.Source{Rand: strings.NewReader("short")}.UUID()
}

func TestAccount(t *testing.T) {
	if a, err := ids.ParseAccount("000000000001"); err != nil || a != "000000000001" {
		t.Error(a, err)
	}
	for _, s := range []string{"", "12345678901", "1234567890123", "12345678901a", "+12345678901", "1234-5678-90", "１２３４"} {
		if a, err := ids.ParseAccount(s); err == nil || a != "" {
			t.Errorf("ParseAccount(%q) = %q, %v", s, a, err)
		}
	}
}

// The ids are AWS's own, published together with the account they belong to.
func TestPublishedKeyIDs(t *testing.T) {
	for id, want := range map[ids.KeyID]ids.Account{
		"ASIAQNZGKIQY56JQ7WML": "029608264753",
		"ASIAY34FZKBOKMUTVV7A": "609629065308",
		"ASIAR2TG44V5PDTTBZRR": "125843596666",
		"AKIAV2JIEQKTMD4WNGFL": "400053011110",
	} {
		if got, ok := id.Account(); !ok || got != want {
			t.Errorf("%s belongs to %q, %v; want %s", id, got, ok, want)
		}
	}
	for _, id := range []ids.KeyID{
		"", "AKIA", "AKIAIOSFODNN7EXAMPLE", "ASIAc29tZXRoaW5nCg==", "AROAU6GDYO44TNRVRNJU",
		"AKIAV2JIEQKTMD4WNGF\n", "AKIAV2JIEQKTMD4WNGFLA", "AKIA7777777777777777", "akiav2jieqktmd4wngfl",
	} {
		if got, ok := id.Account(); ok || got != "" {
			t.Errorf("%q belongs to %q; want no answer", id, got)
		}
	}
}

func TestKeyIDsCarryTheirAccount(t *testing.T) {
	s := idstest.Source(t.Name())
	for i := range 2000 {
		a := ids.Account(s.Letters("0123456789", 12))
		if i == 0 {
			a = "000000000000"
		} else if i == 1 {
			a = "999999999999"
		}
		long, temp := s.AccessKeyID(a), s.TempKeyID(a)
		if got, ok := long.Account(); !ok || got != a || long.Temporary() {
			t.Fatalf("%s for %s: %s, %v", long, a, got, ok)
		}
		if got, ok := temp.Account(); !ok || got != a || !temp.Temporary() {
			t.Fatalf("%s for %s: %s, %v", temp, a, got, ok)
		}
	}
}

// Of the 39 random bits none may be stuck.
func TestKeyIDsUseAllTheirBits(t *testing.T) {
	s := idstest.Source(t.Name())
	seen := make([]map[byte]bool, 20)
	for i := range seen {
		seen[i] = map[byte]bool{}
	}
	for range 2000 {
		for i, c := range []byte(s.AccessKeyID(account)) {
			seen[i][c] = true
		}
	}
	// The account ends in the middle of letter 12: bit 40 of 80 is its first.
	if n := len(seen[12]); n != 16 {
		t.Errorf("letter 12 took %d values, want 16", n)
	}
	for i := 13; i < 20; i++ {
		if n := len(seen[i]); n != 32 {
			t.Errorf("letter %d took %d values, want 32", i, n)
		}
	}
}

func FuzzKeyIDAccount(f *testing.F) {
	f.Add("ASIAQNZGKIQY56JQ7WML")
	f.Add("AKIAIOSFODNN7EXAMPLE")
	f.Fuzz(func(t *testing.T, s string) {
		if a, ok := ids.KeyID(s).Account(); ok {
			if _, err := ids.ParseAccount(string(a)); err != nil {
				t.Errorf("%q belongs to %q", s, a)
			}
		}
	})
}

// A chi-squared test with 9 degrees of freedom; 40 is passed by chance less than
// once in 100,000 runs, and these runs are all the same.
func TestLettersAreFair(t *testing.T) {
	const n, letters = 100_000, "0123456789"
	var count [10]float64
	for _, c := range []byte(idstest.Source(t.Name()).Letters(letters, n)) {
		count[c-'0']++
	}
	sum := 0.0
	for _, c := range count {
		d := c - n/10
		sum += d * d / (n / 10)
	}
	if sum > 40 {
		t.Errorf("chi-squared %f for %v", sum, count)
	}
}

func TestSecretsDoNotPrint(t *testing.T) {
	secret := ids.Source{}.SecretKey()
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		fmt.Fprintf(&out, verb+"\n", secret)
		fmt.Fprintf(&out, verb+"\n", struct{ Key ids.SecretKey }{secret})
	}
	slog.New(slog.NewJSONHandler(&out, nil)).Info("made", "key", secret)
	slog.New(slog.NewTextHandler(&out, nil)).Info("made", "key", secret)
	for _, trace := range []string{string(secret), fmt.Sprintf("%x", string(secret))} {
		if strings.Contains(out.String(), trace) {
			t.Errorf("the secret shows in\n%s", out.String())
		}
	}
	if b, _ := json.Marshal(secret); string(b) == "" || !strings.HasPrefix(string(b), `"`) || strings.Contains(string(b), "secret") {
		t.Errorf("a stored secret reads %s", b)
	}
}

func BenchmarkUUID(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		ids.Source{}.UUID()
	}
}

func BenchmarkUUIDParallel(b *testing.B) {
	b.RunParallel(func(p *testing.PB) {
		for p.Next() {
			ids.Source{}.UUID()
		}
	})
}

func BenchmarkAccessKeyID(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		ids.Source{}.AccessKeyID(account)
	}
}

func BenchmarkKeyIDAccount(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		ids.KeyID("ASIAQNZGKIQY56JQ7WML").Account()
	}
}
