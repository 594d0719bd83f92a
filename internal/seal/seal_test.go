package seal

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
)

const place = "/123456789012/key/AKIA"

var secret = []byte("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")

func newKeyring(t testing.TB) *Keyring {
	t.Helper()
	k, err := NewKeyring()
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func mustSeal(t testing.TB, k *Keyring, plaintext []byte) []byte {
	t.Helper()
	sealed, err := k.Seal(plaintext, place)
	if err != nil {
		t.Fatal(err)
	}
	return sealed
}

func TestSealAndOpen(t *testing.T) {
	k := newKeyring(t)
	for _, plaintext := range [][]byte{nil, []byte("x"), secret, make([]byte, MaxPlaintext)} {
		sealed := mustSeal(t, k, plaintext)
		if len(sealed) != len(plaintext)+Overhead {
			t.Errorf("%d bytes became %d, want %d more", len(plaintext), len(sealed), Overhead)
		}
		got, err := k.Open(sealed, place)
		if err != nil || !bytes.Equal(got, plaintext) {
			t.Errorf("%d bytes came back as %d, %v", len(plaintext), len(got), err)
		}
		if again := mustSeal(t, k, plaintext); bytes.Equal(again, sealed) {
			t.Error("sealed twice to the same bytes")
		}
	}
	if _, err := k.Seal(make([]byte, MaxPlaintext+1), place); err != ErrTooLarge {
		t.Errorf("a plaintext over the limit: %v", err)
	}
}

func TestOpenRefuses(t *testing.T) {
	k := newKeyring(t)
	sealed := mustSeal(t, k, secret)
	for i := range sealed {
		for bit := range 8 {
			bad := bytes.Clone(sealed)
			bad[i] ^= 1 << bit
			if got, err := k.Open(bad, place); err == nil || got != nil {
				t.Fatalf("byte %d with bit %d flipped opened", i, bit)
			}
		}
	}
	for n := range sealed {
		if _, err := k.Open(sealed[:n], place); err != ErrDamaged {
			t.Errorf("%d of %d bytes: %v", n, len(sealed), err)
		}
	}
	for _, other := range []string{"", place + "x", place[:len(place)-1], strings.ToLower(place)} {
		if _, err := k.Open(sealed, other); err != ErrDamaged {
			t.Errorf("opened at %q: %v", other, err)
		}
	}
	if _, err := k.Open(append(sealed, 0), place); err != ErrDamaged {
		t.Errorf("a byte too many: %v", err)
	}
	if _, err := newKeyring(t).Open(sealed, place); err != ErrUnknownKey {
		t.Errorf("another keyring: %v", err)
	}
}

func TestRotateKeepsEverythingReadable(t *testing.T) {
	k := newKeyring(t)
	master, _ := ParseMaster(NewMasterText())
	var all [][]byte
	for i := range 5 {
		all = append(all, mustSeal(t, k, fmt.Append(nil, i)))
		next, err := k.Rotate()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := k.Open(mustSeal(t, next, secret), place); err != ErrUnknownKey {
			t.Errorf("the keyring before rotation: %v", err)
		}
		wrapped, err := next.Wrap(master)
		if err != nil {
			t.Fatal(err)
		}
		if k, err = OpenKeyring(wrapped, master); err != nil {
			t.Fatal(err)
		}
		for j, sealed := range all {
			if got, err := k.Open(sealed, place); err != nil || string(got) != fmt.Sprint(j) {
				t.Errorf("value %d after %d rotations: %q, %v", j, i+1, got, err)
			}
		}
	}
}

func TestConcurrentUse(t *testing.T) {
	k := newKeyring(t)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 200 {
				sealed, err := k.Seal(secret, place)
				if err != nil {
					t.Error(err)
				}
				if got, err := k.Open(sealed, place); err != nil || !bytes.Equal(got, secret) {
					t.Error(err)
				}
			}
			if _, err := k.Rotate(); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

func FuzzOpen(f *testing.F) {
	k := newKeyring(f)
	sealed := mustSeal(f, k, secret)
	f.Add(sealed, place)
	f.Add(sealed[:Overhead], "")
	f.Add([]byte{1}, place)
	f.Fuzz(func(t *testing.T, in []byte, at string) {
		got, err := k.Open(in, at)
		if genuine := bytes.Equal(in, sealed) && at == place; (err == nil) != genuine {
			t.Fatalf("Open(%x, %q) = %x, %v", in, at, got, err)
		}
		if err != nil && !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrUnknownKey) {
			t.Fatalf("Open(%x, %q): %v", in, at, err)
		}
	})
}

func FuzzRoundTrip(f *testing.F) {
	k := newKeyring(f)
	f.Add(secret, place)
	f.Fuzz(func(t *testing.T, plaintext []byte, at string) {
		sealed, err := k.Seal(plaintext, at)
		if len(plaintext) > MaxPlaintext {
			if err != ErrTooLarge {
				t.Fatal(err)
			}
			return
		}
		if got, err := k.Open(sealed, at); err != nil || !bytes.Equal(got, plaintext) {
			t.Fatalf("%x came back as %x, %v", plaintext, got, err)
		}
	})
}

func BenchmarkSeal(b *testing.B) {
	k := newKeyring(b)
	b.ReportAllocs()
	for b.Loop() {
		k.Seal(secret, place)
	}
}

func BenchmarkOpen(b *testing.B) {
	k := newKeyring(b)
	sealed := mustSeal(b, k, secret)
	b.ReportAllocs()
	for b.Loop() {
		k.Open(sealed, place)
	}
}
