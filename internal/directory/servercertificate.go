package directory

import (
	"fmt"

	"github.com/iamd-project/iamd/arn"
	"github.com/iamd-project/iamd/internal/seal"
)

// ServerCertificate is a certificate for TLS, with its private key.
type ServerCertificate struct {
	Entity
	Body    string `cbor:"10,keyasint"` // PEM, as it was given
	Chain   string `cbor:"11,keyasint"` // the same of those that signed it; "" for none
	Expires Millis `cbor:"12,keyasint"`
	Sealed  []byte `cbor:"13,keyasint"` // the private key in PEM, sealed to this record's key
}

// ServerCertificates is where server certificates are kept.
var ServerCertificates = Kind[ServerCertificate, *ServerCertificate]{"servercertificate", arn.ServerCertificate}

// ARN names the certificate; it changes with its path and name.
func (s *ServerCertificate) ARN() string { return ServerCertificates.ARN(s.Account, s.Path, s.Name) }

// SealKey puts the private key into s, sealed so that it opens only as s's.
func (s *ServerCertificate) SealKey(ring *seal.Keyring, pem string) (err error) {
	s.Sealed, err = ring.Seal([]byte(pem), ServerCertificates.key(s.Account, s.ID))
	return err
}

// OpenKey returns the private key that SealKey put in.
func (s *ServerCertificate) OpenKey(ring *seal.Keyring) (pem string, err error) {
	plain, err := ring.Open(s.Sealed, ServerCertificates.key(s.Account, s.ID))
	if err != nil {
		return "", fmt.Errorf("server certificate %s: %w", s.ID, err)
	}
	return string(plain), nil
}
