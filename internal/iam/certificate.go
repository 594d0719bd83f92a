package iam

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"time"

	"github.com/iamd-project/iamd/internal/awserr"
)

// parseCertificates reads certificates in PEM, with nothing else between them; nil
// when there is anything that is not one.
func parseCertificates(text string) []*x509.Certificate {
	var certs []*x509.Certificate
	for rest := bytes.TrimSpace([]byte(text)); len(rest) > 0; rest = bytes.TrimSpace(rest) {
		if !bytes.HasPrefix(rest, []byte("-----BEGIN CERTIFICATE-----")) {
			return nil
		}
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			return nil
		}
		cert, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil
		}
		certs = append(certs, cert)
	}
	return certs
}

// outsideValidity says in AWS's words why a certificate is not valid now; "" if it is.
func outsideValidity(cert *x509.Certificate, now time.Time) string {
	switch {
	case now.After(cert.NotAfter):
		return "Certificate is no longer valid. The 'Not After' date restriction on the certificate has passed."
	case now.Before(cert.NotBefore):
		return "Certificate is not yet valid. The 'Not Before' date restriction on the certificate has not passed."
	}
	return ""
}

func malformedCertificate(format string, args ...any) error {
	return awserr.New(400, "MalformedCertificate", format, args...)
}

const notPEM = "Unable to parse certificate. Please ensure the certificate is in PEM format."

// checkServerCertificate makes sure that a certificate is valid, that its chain
// leads up from it, and that the key is its own.
func checkServerCertificate(body, chain, key string, now time.Time) (*x509.Certificate, error) {
	certs := parseCertificates(body)
	if len(certs) != 1 {
		return nil, malformedCertificate(notPEM)
	}
	cert := certs[0]
	if why := outsideValidity(cert, now); why != "" {
		return nil, malformedCertificate("%s", why)
	}
	if err := checkChain(cert, chain); err != nil {
		return nil, err
	}
	public := parsePrivateKey(key)
	if public == nil {
		return nil, malformedCertificate("Unable to parse private key. Please ensure the private key is in PEM format.")
	}
	if same, ok := cert.PublicKey.(interface{ Equal(crypto.PublicKey) bool }); !ok || !same.Equal(public) {
		return nil, awserr.New(400, "KeyPairMismatch", "The public key certificate and the private key do not match.")
	}
	return cert, nil
}

// checkChain makes sure that each certificate is signed by the next.
func checkChain(cert *x509.Certificate, chain string) error {
	if chain == "" {
		return nil
	}
	parents := parseCertificates(chain)
	if parents == nil {
		return malformedCertificate(notPEM)
	}
	for i, parent := range parents {
		if !signedBy(cert, parent) {
			return malformedCertificate("Unable to validate certificate chain. The certificate chain must start with the immediate signing certificate, "+
				"followed by any intermediaries in order. The index within the chain of the invalid certificate is: %d", i-1)
		}
		cert = parent
	}
	return nil
}

// signedBy takes the name's word for signatures of a kind that is broken.
func signedBy(cert, parent *x509.Certificate) bool {
	if !bytes.Equal(cert.RawIssuer, parent.RawSubject) {
		return false
	}
	err := parent.CheckSignature(cert.SignatureAlgorithm, cert.RawTBSCertificate, cert.Signature)
	_, broken := errors.AsType[x509.InsecureAlgorithmError](err)
	return err == nil || broken
}

// parsePrivateKey is the public half of a private key in PEM; nil for anything
// else, such as one that takes a password.
func parsePrivateKey(text string) crypto.PublicKey {
	block, rest := pem.Decode([]byte(text))
	if block == nil || len(bytes.TrimSpace(rest)) > 0 {
		return nil
	}
	var key any
	var err error
	switch block.Type {
	case "PRIVATE KEY":
		key, err = x509.ParsePKCS8PrivateKey(block.Bytes)
	case "RSA PRIVATE KEY":
		key, err = x509.ParsePKCS1PrivateKey(block.Bytes)
	case "EC PRIVATE KEY":
		key, err = x509.ParseECPrivateKey(block.Bytes)
	}
	if signer, ok := key.(crypto.Signer); ok && err == nil {
		return signer.Public()
	}
	return nil
}
