// A certificate that signs itself, and its key, made by openssl(1).
#pragma once
#include <string>

namespace redis_support {

struct Certificate {
  std::string path;      // PEM
  std::string key_path;  // PEM
  std::string text;      // of the certificate
};
// `names` are its subject's, as X.509 writes them: "DNS:localhost,IP:127.0.0.1". Throws std::runtime_error.
Certificate make_certificate(const std::string& directory, const std::string& names);

}  // namespace redis_support
