package directory

import (
	"crypto/sha256"
	"encoding/hex"

	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/store"
)

// SigningCertificate is an X.509 certificate that a user signs requests with.
type SigningCertificate struct {
	Credential
	Body string `cbor:"10,keyasint"` // PEM, as it was given
	DER  []byte `cbor:"11,keyasint"`
}

// SigningCertificates is where signing certificates are kept. PutSigningCertificate
// and DeleteSigningCertificate look after the index, too.
var SigningCertificates = CredentialKind[SigningCertificate, *SigningCertificate]{signingCertificates}

func signingSumKey(a ids.Account, der []byte) string {
	sum := sha256.Sum256(der)
	return signingSums + string(a) + "/" + hex.EncodeToString(sum[:])
}

// HasSigningCertificate reports whether a user of the account has this certificate.
func HasSigningCertificate(r store.Reader, a ids.Account, der []byte) (bool, error) {
	_, ok, err := r.Get(signingSumKey(a, der))
	return ok, err
}

// PutSigningCertificate stores a new certificate, that nobody in its account has.
func PutSigningCertificate(tx store.Tx, sc *SigningCertificate) error {
	key := SigningCertificates.key(sc.Account, sc.User, sc.ID)
	if err := tx.Put(signingSumKey(sc.Account, sc.DER), []byte(key)); err != nil {
		return err
	}
	return SigningCertificates.Put(tx, sc)
}

// DeleteSigningCertificate removes sc.
func DeleteSigningCertificate(tx store.Tx, sc *SigningCertificate) error {
	if err := tx.Delete(signingSumKey(sc.Account, sc.DER)); err != nil {
		return err
	}
	return SigningCertificates.Delete(tx, sc)
}

// signingCertificate makes sure that the index leads to the certificate.
func (c *checker) signingCertificate(key string, sc *SigningCertificate) error {
	index := signingSumKey(sc.Account, sc.DER)
	to, _, err := c.r.Get(index)
	if err == nil && string(to) != key {
		c.problem("%s: index %s leads to %q", key, index, to)
	}
	return err
}

// signingSum makes sure that an entry of the index leads to its certificate.
func (c *checker) signingSum(key string, value []byte) error {
	sc, err := get[SigningCertificate](c.r, string(value))
	if err == nil && (sc == nil || signingSumKey(sc.Account, sc.DER) != key) {
		c.problem("%s: leads to %q, which is no such certificate", key, value)
	}
	return err
}
