#include "reply_reader.hpp"

#include <hiredis/read.h>

#include <new>
#include <utility>

namespace larder::redis {
namespace {

// Where hiredis wants the object of this task: a new one, or its place in the array that is being read, which
// has all its items from the beginning, so that none of them moves.
Reply* place_of(const redisReadTask* task) {
  if (!task->parent) return new (std::nothrow) Reply;
  return &static_cast<Reply*>(task->parent->obj)->items[static_cast<std::size_t>(task->idx)];
}

void* create_text(const redisReadTask* task, char* bytes, std::size_t size) {
  Reply* const reply = place_of(task);
  if (!reply) return nullptr;
  reply->kind = task->type == REDIS_REPLY_ERROR ? Reply::Kind::error : Reply::Kind::text;
  reply->text.assign(bytes, size);
  return reply;
}

void* create_array(const redisReadTask* task, int count) {
  if (count < 0 || count > ReplyReader::items_max) return nullptr;  // taken for a want of memory: broken
  Reply* const reply = place_of(task);
  if (!reply) return nullptr;
  reply->kind = Reply::Kind::array;
  reply->items.resize(static_cast<std::size_t>(count));
  return reply;
}

void* create_integer(const redisReadTask* task, long long value) {
  Reply* const reply = place_of(task);
  if (!reply) return nullptr;
  reply->kind = Reply::Kind::integer;
  reply->integer = value;
  return reply;
}

void* create_nil(const redisReadTask* task) {
  return place_of(task);
}

// Only ever called with the outermost, which owns the rest.
void free_reply(void* reply) {
  delete static_cast<Reply*>(reply);
}

redisReplyObjectFunctions functions{create_text, create_array, create_integer, create_nil, free_reply};

}  // namespace

void ReplyReader::Free::operator()(redisReader* reader) const noexcept {
  redisReaderFree(reader);
}

ReplyReader::ReplyReader(std::size_t reply_size_max)
    : reply_size_max_(reply_size_max), reader_(redisReaderCreateWithFunctions(&functions)) {
  if (!reader_) throw std::bad_alloc();
}

ReplyReader::~ReplyReader() = default;

void ReplyReader::feed(std::string_view bytes) {
  if (bytes.empty()) return;
  size_ += bytes.size();
  if (redisReaderFeed(reader_.get(), bytes.data(), bytes.size()) != REDIS_OK) is_broken_ = true;
}

ReplyReader::Step ReplyReader::next(Reply& reply) {
  void* object = nullptr;
  if (is_broken_ || redisReaderGetReply(reader_.get(), &object) != REDIS_OK) {
    is_broken_ = true;
    return Step::broken;
  }
  if (!object) {
    is_broken_ = size_ > reply_size_max_;
    return is_broken_ ? Step::broken : Step::incomplete;
  }
  const std::unique_ptr<Reply> owned(static_cast<Reply*>(object));
  reply = std::move(*owned);
  size_ = reader_->len - reader_->pos;
  return Step::reply;
}

}  // namespace larder::redis
