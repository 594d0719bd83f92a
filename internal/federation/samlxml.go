package federation

import (
	"crypto/x509"
	"errors"
	"strings"
	"time"

	"github.com/beevik/etree"
	dsig "github.com/russellhaering/goxmldsig"
	"github.com/russellhaering/goxmldsig/etreeutils"
)

// The namespaces of SAML.
const (
	assertionNS = "urn:oasis:names:tc:SAML:2.0:assertion"
	protocolNS  = "urn:oasis:names:tc:SAML:2.0:protocol"
	signatureNS = "http://www.w3.org/2000/09/xmldsig#"
	encryptedNS = "http://www.w3.org/2001/04/xmlenc#"
)

func parseXML(text []byte) (*etree.Element, error) {
	if err := checkXML(text); err != nil {
		return nil, err
	}
	doc := etree.NewDocument()
	if err := doc.ReadFromBytes(text); err != nil {
		return nil, err
	}
	return doc.Root(), nil
}

func is(e *etree.Element, ns, name string) bool { return e.Tag == name && e.NamespaceURI() == ns }

// children are the elements of that name directly below e.
func children(e *etree.Element, ns, name string) (found []*etree.Element) {
	for _, child := range e.ChildElements() {
		if is(child, ns, name) {
			found = append(found, child)
		}
	}
	return found
}

// only is the one element of that name directly below e; nil when there is none, or
// more than one.
func only(e *etree.Element, ns, name string) *etree.Element {
	if found := children(e, ns, name); len(found) == 1 {
		return found[0]
	}
	return nil
}

// text is all that e says. What has a comment in it says nothing: readers that stop
// there have been made to believe that one user is another.
func text(e *etree.Element) (string, bool) {
	if e == nil {
		return "", false
	}
	var all strings.Builder
	for _, child := range e.Child {
		data, ok := child.(*etree.CharData)
		if !ok {
			return "", false
		}
		all.WriteString(data.Data)
	}
	s := strings.TrimSpace(all.String())
	return s, s != ""
}

// timeOf reads an attribute; the zero time when it is absent.
func timeOf(e *etree.Element, name string) (time.Time, error) {
	a := e.SelectAttr(name)
	if a == nil {
		return time.Time{}, nil
	}
	return parseXMLTime(a.Value)
}

var errSignature = errors.New("no signature that is the provider's")

// signed is e as one of the provider's keys has signed it: only what the signature
// covers, read anew from the very bytes that it covers. What is put around it, or
// beside it, is gone.
func (m *Metadata) signed(e *etree.Element) (*etree.Element, error) {
	context, err := etreeutils.NSBuildParentContext(e)
	if err != nil {
		return nil, err
	}
	if e, err = etreeutils.NSDetatch(context, e); err != nil {
		return nil, err
	}
	for _, cert := range m.Certificates {
		v := dsig.NewDefaultValidationContext(&dsig.MemoryX509CertificateStore{Roots: []*x509.Certificate{cert}})
		v.Clock = dsig.NewFakeClockAt(cert.NotBefore) // see Certificates
		found, err := v.Validate(e)
		if err == nil && found.Tag == e.Tag && found.NamespaceURI() == e.NamespaceURI() {
			return found, nil
		}
	}
	return nil, errSignature
}
