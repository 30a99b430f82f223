#include "support/redis/certificate.hpp"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace redis_support {

Certificate make_certificate(const std::string& directory, const std::string& names) {
  Certificate certificate{directory + "/redis.crt", directory + "/redis.key", {}};
  const std::string command =
      "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=redis"
      " -addext 'subjectAltName=" +
      names + "' -keyout '" + certificate.key_path + "' -out '" + certificate.path + "' 2>/dev/null";
  if (std::system(command.c_str()) != 0) throw std::runtime_error("openssl makes no certificate: " + command);
  std::ifstream file(certificate.path, std::ios::binary);
  certificate.text.assign(std::istreambuf_iterator<char>(file), {});
  return certificate;
}

}  // namespace redis_support
