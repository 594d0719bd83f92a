package authority

import (
	"io"
	"net/http"
	"strings"

	"github.com/iamd-project/iamd/authority"
)

// maxCheck is the most that Envoy may show of a request, in bytes.
const maxCheck = 4 << 20

// partialHeader is how Envoy says that it shows only the beginning of a body.
const partialHeader = "X-Envoy-Auth-Partial-Body"

// serveEnvoy answers ext_authz of Envoy in its HTTP form: the client's own request, with
// our path before its path, and of its headers those that Envoy is told to send. Any
// status but 200 goes to the client, with the body.
//
// Envoy sends a Content-Length of its own, and does not say where the client is: a
// request that signs its length, and policies with aws:SourceIp, need the gRPC form.
// https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/filters/http/ext_authz/v3/ext_authz.proto
func (s *Server) serveEnvoy(w http.ResponseWriter, r *http.Request) {
	rest, _ := strings.CutPrefix(r.RequestURI, envoyPath)
	mode, target, ok := strings.Cut(rest, "/")
	if !ok || mode != identify && mode != invoke {
		complain(w, http.StatusNotFound, "The path_prefix is "+envoyPath+identify+" or "+envoyPath+invoke+".")
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxCheck))
	if err != nil {
		complain(w, http.StatusRequestEntityTooLarge, "Envoy shows too much of the body.")
		return
	}
	header := r.Header.Clone()
	header.Del(TokenHeader)
	target = "/" + target
	a, err := s.askFor(r.Context(), &proxied{
		mode: mode,
		request: authority.Request{
			Method: r.Method, URL: target, Host: r.Host, Header: header,
			BodyHash: shownBody(body, header.Get(partialHeader) == "true", declaredPayload(header, target)),
		},
	})
	switch {
	case err != nil:
		s.complainOf(w, err)
	case a.Allowed:
		for name, value := range said(a) {
			w.Header().Set(name, value)
		}
		w.WriteHeader(http.StatusOK)
	default:
		authority.WriteJSON(w, r, a.Refusal)
	}
}
