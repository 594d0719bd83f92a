package wire

import "github.com/iamd-project/iamd/internal/shapes"

// Codec is a Protocol whose requests are bodies alone, with both of their sides.
type Codec struct {
	Protocol
	svc *shapes.Service
}

// CodecOf returns the Codec of a service that does not speak REST.
func CodecOf(svc *shapes.Service) Codec { return Codec{For(svc), svc} }

// Decode fills what into points to from a request's body.
func (c Codec) Decode(body []byte, into any) ([]string, error) {
	if c.svc.Protocol == shapes.JSON11 {
		return decodeJSON(string(body), into)
	}
	f, err := parseForm(string(body))
	if err != nil {
		return nil, err
	}
	defer f.release()
	return f.decode(into)
}

// Encode is the body of a request.
func (c Codec) Encode(operation string, in any) []byte {
	q, err := ClientOf(c.svc).Ask(&shapes.Operation{Name: operation}, in)
	if err != nil {
		panic(err)
	}
	return q.Body
}
