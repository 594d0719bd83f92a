package authority

import (
	"encoding/json"
	"encoding/xml"
	"net/http"
)

// WriteXML writes a refusal as S3 does.
func WriteXML(w http.ResponseWriter, r *http.Request, refusal *Refusal) {
	text, err := xml.Marshal(struct {
		XMLName                     xml.Name `xml:"Error"`
		Code                        string
		Message                     string
		Resource                    string
		EncodedAuthorizationMessage string `xml:",omitempty"`
	}{Code: refusal.Code, Message: refusal.Message, Resource: r.URL.Path, EncodedAuthorizationMessage: refusal.Encoded})
	if err != nil {
		http.Error(w, refusal.Code, refusal.Status)
		return
	}
	write(w, refusal, "application/xml", append([]byte(xml.Header), text...))
}

// WriteJSON writes a refusal as AWS's REST services with JSON do.
func WriteJSON(w http.ResponseWriter, _ *http.Request, refusal *Refusal) {
	w.Header().Set("X-Amzn-Errortype", refusal.Code)
	write(w, refusal, "application/json", refusal.JSON())
}

// JSON is the body that WriteJSON writes.
func (r *Refusal) JSON() []byte {
	text, err := json.Marshal(struct {
		Message string `json:"message"`
		Encoded string `json:"encodedMessage,omitempty"`
	}{r.Message, r.Encoded})
	if err != nil {
		return nil // strings can always be encoded
	}
	return text
}

func write(w http.ResponseWriter, refusal *Refusal, contentType string, text []byte) {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(refusal.Status)
	_, _ = w.Write(text) // a client that is gone gets no answer
}
