package federation

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// Metadata is what a SAML provider's metadata say that AWS asks for.
type Metadata struct {
	EntityID   string
	ValidUntil time.Time // zero when they don't say
	// Certificates hold the keys that may sign. Their own validity does not count:
	// IAM does not look at it, and what is in the metadata is trusted for being there.
	// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_saml.html
	Certificates []*x509.Certificate
}

// maxCertificates bounds how many keys a signature is tried with.
const maxCertificates = 20

// entityDescriptor is the part of the schema that is read.
// https://docs.oasis-open.org/security/saml/v2.0/saml-metadata-2.0-os.pdf
type entityDescriptor struct {
	XMLName    xml.Name  `xml:"urn:oasis:names:tc:SAML:2.0:metadata EntityDescriptor"`
	EntityID   string    `xml:"entityID,attr"`
	ValidUntil *xmlTime  `xml:"validUntil,attr"`
	Roles      []idpRole `xml:"urn:oasis:names:tc:SAML:2.0:metadata IDPSSODescriptor"`
}

type idpRole struct {
	Protocols string `xml:"protocolSupportEnumeration,attr"`
	Keys      []struct {
		Use          string   `xml:"use,attr"`
		Certificates []string `xml:"http://www.w3.org/2000/09/xmldsig# KeyInfo>X509Data>X509Certificate"`
	} `xml:"urn:oasis:names:tc:SAML:2.0:metadata KeyDescriptor"`
}

// xmlTime is an xs:dateTime. Without a time zone it is UTC, as SAML has it.
type xmlTime struct{ time.Time }

func (t *xmlTime) UnmarshalText(text []byte) (err error) {
	t.Time, err = parseXMLTime(string(text))
	return err
}

func parseXMLTime(s string) (time.Time, error) {
	s = strings.TrimSpace(s)
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		t, err = time.Parse("2006-01-02T15:04:05.999999999", s)
	}
	return t.UTC(), err
}

// ParseMetadata reads the metadata of one identity provider.
func ParseMetadata(document string) (*Metadata, error) {
	if err := checkXML([]byte(document)); err != nil {
		return nil, err
	}
	var d entityDescriptor
	if err := xml.Unmarshal([]byte(document), &d); err != nil {
		return nil, err
	}
	m := &Metadata{EntityID: d.EntityID}
	if d.EntityID == "" || len(d.EntityID) > 1024 {
		return nil, errors.New("no entity ID, or one that is too long")
	}
	if d.ValidUntil != nil {
		m.ValidUntil = d.ValidUntil.Time
	}
	for _, role := range d.Roles {
		for _, key := range role.Keys {
			if key.Use == "encryption" {
				continue
			}
			for _, text := range key.Certificates {
				cert, err := parseCertificate(text)
				if err != nil {
					return nil, err
				}
				m.Certificates = append(m.Certificates, cert)
			}
		}
	}
	if n := len(m.Certificates); n == 0 || n > maxCertificates {
		return nil, fmt.Errorf("%d certificates to sign with", n)
	}
	return m, nil
}

// parseCertificate reads a certificate in base64, whose key must be long enough.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_saml.html#troubleshoot_saml_issuer-metadata
func parseCertificate(text string) (*x509.Certificate, error) {
	der, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
	if err != nil {
		return nil, err
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	switch key := cert.PublicKey.(type) {
	case *rsa.PublicKey:
		if key.N.BitLen() < 1024 {
			return nil, errors.New("an RSA key of less than 1024 bits")
		}
	case *ecdsa.PublicKey:
	default:
		return nil, errors.New("a key that is neither RSA nor ECDSA")
	}
	return cert, nil
}

// maxDepth is how deep elements may nest.
const maxDepth = 50

// checkXML makes sure that text is one element, not too deep, with nothing in it that
// readers of XML disagree about: no document type, no instructions, and no byte order
// mark, which AWS doesn't take either.
func checkXML(text []byte) error {
	if bytes.HasPrefix(text, []byte("\xef\xbb\xbf")) {
		return errors.New("a byte order mark")
	}
	d := xml.NewDecoder(bytes.NewReader(text))
	depth, roots := 0, 0
	for {
		token, err := d.Token()
		if err == io.EOF && roots == 1 {
			return nil
		}
		if err != nil {
			return err
		}
		switch t := token.(type) {
		case xml.StartElement:
			if depth == 0 {
				roots++
			}
			if depth++; depth > maxDepth || roots > 1 {
				return errors.New("more than one element, or too deep")
			}
		case xml.EndElement:
			depth--
		case xml.Directive:
			return errors.New("a document type")
		case xml.ProcInst:
			if t.Target != "xml" {
				return errors.New("an instruction")
			}
		case xml.CharData:
			if depth == 0 && len(bytes.TrimSpace(t)) > 0 {
				return errors.New("text outside of the element")
			}
		}
	}
}
