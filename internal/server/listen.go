package server

import (
	"crypto/tls"
	"errors"
	"fmt"
	"github.com/iamd-project/iamd/internal/cfn/engine"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

// The limits on clients. A request's body is bounded in the gateway.
const (
	maxConnections = 4096 // per listener; more wait to be accepted
	maxHeaders     = 64 << 10
	readTimeout    = 30 * time.Second // from the first byte of a request to the last
	writeTimeout   = 60 * time.Second
	idleTimeout    = 2 * time.Minute
)

// listeners are the open doors: for clients, and for other servers.
type listeners struct{ web, authority []net.Listener }

func (l *listeners) all() []net.Listener { return slices.Concat(l.web, l.authority) }

// listen opens every address, or none.
func (s *server) listen() (open listeners, err error) {
	secure, err := s.tlsConfig()
	if err != nil {
		return open, err
	}
	known, err := s.authorityTLS()
	if err != nil {
		return open, err
	}
	if open.web, err = listenOn(s.config.listen(), secure); err != nil {
		return open, err
	}
	if open.authority, err = listenOn(s.config.Authority.Listen, known); err != nil {
		return open, errors.Join(err, closeAll(open.web))
	}
	return open, nil
}

func listenOn(addresses []string, secure *tls.Config) ([]net.Listener, error) {
	var open []net.Listener
	for _, addr := range addresses {
		l, err := net.Listen("tcp", addr)
		if err != nil {
			return nil, errors.Join(err, closeAll(open))
		}
		l = limitConnections(l, maxConnections)
		if secure != nil {
			l = tls.NewListener(l, secure)
		}
		open = append(open, l)
	}
	return open, nil
}

func (s *server) tlsConfig() (*tls.Config, error) {
	if s.config.TLSCert == "" {
		return nil, nil
	}
	cert, err := tls.LoadX509KeyPair(s.config.TLSCert, s.config.TLSKey)
	if err != nil {
		return nil, fmt.Errorf("reading the TLS certificate: %w", err)
	}
	return &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}, nil
}

func closeAll(listeners []net.Listener) error {
	var err error
	for _, l := range listeners {
		err = errors.Join(err, l.Close())
	}
	return err
}

func (s *server) webServer(handler http.Handler) *http.Server {
	return &http.Server{
		Handler:        handler,
		MaxHeaderBytes: maxHeaders,
		ReadTimeout:    readTimeout,
		WriteTimeout:   writeTimeout,
		IdleTimeout:    idleTimeout,
		ErrorLog:       slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
}

// announce says how the server stands, one line a fact, and tells clients.
func (s *server) announce(open *listeners) error {
	scheme := "http"
	if s.config.TLSCert != "" {
		scheme = "https"
	}
	for _, l := range open.web {
		s.log.Info("listening", "address", scheme+"://"+l.Addr().String())
	}
	for _, l := range open.authority {
		s.log.Info("answering other servers", "address", scheme+"://"+l.Addr().String())
	}
	if s.config.Folder.Ephemeral {
		s.log.Info("data is kept in memory only")
	} else {
		s.log.Info("data", "folder", s.config.Folder.Path, "account", s.config.account(), "masterKey", s.data.masterPlace())
	}
	s.reached.Store(new(scheme + "://" + clientAddress(open.web[0].Addr())))
	s.log.Info("signatures are verified")
	s.log.Info("permissions are enforced: policies decide")
	return s.writeClientConfig(*s.reached.Load())
}

// base is the URL that others reach the server at.
func (s *server) base() string {
	if reached := s.reached.Load(); reached != nil && len(s.config.PublicURLs) == 0 {
		return *reached
	}
	return s.config.base()
}

// clientAddress is where a client on this machine finds a listener.
func clientAddress(addr net.Addr) string {
	tcp, ok := addr.(*net.TCPAddr)
	if !ok || !tcp.IP.IsUnspecified() {
		return addr.String()
	}
	return fmt.Sprintf("127.0.0.1:%d", tcp.Port)
}

// readiness is whether the server takes requests.
type readiness struct{ yes atomic.Bool }

func (r *readiness) set(yes bool) { r.yes.Store(yes) }

// doors puts the paths that need no signature before the API.
func (s *server) doors(api, signals http.Handler) http.Handler {
	version := fmt.Sprintf("{\"version\":%q}\n", s.config.Version)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, engine.SignalPath) {
			signals.ServeHTTP(w, r)
			return
		}
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			api.ServeHTTP(w, r)
			return
		}
		switch r.URL.Path {
		case "/healthz":
			plain(w, http.StatusOK, "ok\n")
		case "/readyz":
			s.answerReady(w)
		case "/version":
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write([]byte(version))
		default:
			if !s.answerIssuer(w, r) {
				api.ServeHTTP(w, r)
			}
		}
	})
}

func (s *server) answerReady(w http.ResponseWriter) {
	stats, err := s.data.store.Stats()
	switch {
	case !s.ready.yes.Load():
		plain(w, http.StatusServiceUnavailable, "stopping\n")
	case err != nil || stats.Failed != nil:
		plain(w, http.StatusServiceUnavailable, "the store takes no writes\n")
	default:
		plain(w, http.StatusOK, "ok\n")
	}
}

func plain(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text))
}
