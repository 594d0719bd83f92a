// Package authority answers other servers: whose signed request is this, and may they
// do this? The public package of the same name says what may be asked.
//
// A question takes the path of a call, without an operation at its end:
//
//	read it → put the request together that the asker received → verify its signature, by
//	the asker's rules → in one View: confirm the key, decide on each permission, explain
//	a denial → note the key's use → record → answer
//
// So a key that is revoked, and a policy that is changed, count from the next question on.
//
// Askers prove themselves, always: with a token, a client certificate or both, whatever
// is configured, also on loopback. They are believed in what they alone know: what a
// request needs, the conditions of their service, their resources' policies, the client's
// address. They are not asked about the principal, and never see a secret; a signing key
// for one day, region and service is the most they get.
//
// A question that is refused or denied leaves an audit record, and its answer waits for
// it, as a call's does. One that is allowed leaves a record only if Server.RecordAllowed
// says so: it is the asker's own call, of which it has its own log, and may come
// thousands of times a second. CloudTrail has the same default for data events.
//
// Proxies, which cannot form questions, have paths of their own: see proxy.go.
package authority

import (
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/iamd-project/iamd/authority"
	"github.com/iamd-project/iamd/internal/audit"
	"github.com/iamd-project/iamd/internal/authn"
	"github.com/iamd-project/iamd/internal/authz"
	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/seal"
	"github.com/iamd-project/iamd/internal/store"
)

// Server answers questions. All fields but RecordAllowed are needed.
type Server struct {
	Door    *Door
	Store   store.Store
	Keyring func() *seal.Keyring
	Authn   *authn.Authenticator // whose Rules are not used
	Authz   *authz.Authorizer
	Usage   *authn.Usage
	Trail   *audit.Trail
	Account ids.Account // whose trail a refusal of nobody known is in, and who owns what proxies guard
	IDs     ids.Source
	Now     func() time.Time
	Log     *slog.Logger

	RecordAllowed bool // records what is allowed, too
}

// The paths. net/http's router would tidy those that proxies send, which are signed.
const (
	askPath   = "/v1/ask"
	nginxPath = "/v1/nginx/"
	envoyPath = "/v1/envoy/"
)

// Handler is the way in.
func (s *Server) Handler() http.Handler {
	rpc := s.newRPC()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !s.Door.admits(r) {
			w.Header().Set("WWW-Authenticate", "Bearer")
			complain(w, http.StatusUnauthorized, "The asker has not proved itself.")
			return
		}
		path := r.URL.EscapedPath()
		switch {
		case isRPC(r):
			rpc.ServeHTTP(w, r)
		case path == askPath:
			s.serveAsk(w, r)
		case strings.HasPrefix(path, nginxPath):
			s.serveNginx(w, r)
		case strings.HasPrefix(path, envoyPath):
			s.serveEnvoy(w, r)
		default:
			complain(w, http.StatusNotFound, "There is nothing here: questions go to POST "+askPath+".")
		}
	})
}

func isRPC(r *http.Request) bool {
	return r.ProtoMajor == 2 && strings.HasPrefix(r.Header.Get("Content-Type"), "application/grpc")
}

func (s *Server) serveAsk(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		complain(w, http.StatusMethodNotAllowed, "Questions are sent with POST.")
		return
	}
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, authority.MaxQuestion))
	if _, long := errors.AsType[*http.MaxBytesError](err); long {
		complain(w, http.StatusRequestEntityTooLarge, "The question is too large.")
		return
	}
	if err != nil {
		complain(w, http.StatusBadRequest, "The question could not be read.")
		return
	}
	q, err := decode(text)
	if err != nil {
		s.complainOf(w, err)
		return
	}
	answer, err := s.Ask(r.Context(), q)
	if err != nil {
		s.complainOf(w, err)
		return
	}
	reply(w, http.StatusOK, answer)
}

// complainOf tells an asker why there is no answer.
func (s *Server) complainOf(w http.ResponseWriter, err error) {
	if _, bad := errors.AsType[*BadQuestion](err); bad {
		complain(w, http.StatusBadRequest, err.Error())
		return
	}
	s.Log.Error("a question was not answered", "err", err)
	complain(w, http.StatusInternalServerError, "The question could not be answered; iamd's log says why.")
}

// complain is for the asker, not for its client.
func complain(w http.ResponseWriter, status int, problem string) {
	reply(w, status, struct {
		Error string `json:"error"`
	}{problem})
}

func reply(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // an asker that is gone gets no answer
}
