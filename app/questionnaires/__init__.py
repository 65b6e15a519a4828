"""Questionnaires: built with branching logic, answered in the monthly report or apart, analysed.

Glossary
    questionnaire 问卷      one version of a set of questions for an audience; never changes once enabled 启用
    series 问卷系列         a questionnaire and its revisions 修订, which continue it
    definition 问卷定义     the questions with their logic, checks and layout; a document
    question 题目           has a code, by which expressions name it, and a place, by which readers count it
    section text 段落说明    stands among the questions and is not answered
    option 选项             may ask for words (other 其他), or exclude all others (exclusive 互斥)
    jump 跳转               after a question, by the options chosen, forward to a question or to the end
                            (a branch 分支 on pages)
    show if 显示条件        an expression that must hold for a question or an option to be asked
    check 数据校验          what an answer must meet, with a message
    walk 走题               going through the questions with a set of answers
    path 答题路径           the questions that a set of answers leads through, in order
    asked 已出现            on the path: only asked questions have answers
    checker 路径检查         finds what is wrong with the logic before the questionnaire is enabled
    finding 检查结果         one thing that it found: an error, a warning, or something left undecided
    trial 试答              walking the paths without keeping anything
    edit 编辑记录           a saved state of a draft's definition, to go back to
    audience 调查范围       whom a questionnaire is for
    hand out 分发           let a subordinate admin see a questionnaire and its region's results
    round 期次              one period of a questionnaire: a month, a quarter, a year, or all of it once
    respondent 答卷对象      an enterprise that must answer a round; fixed when the round opens
    draft 草稿              what a respondent typed and has not submitted
    response 答卷           what was submitted; of an anonymous questionnaire nobody knows whose
    answer 答案             one line of a response
    reopening 重新开放       lets a respondent change what was submitted, for a reason
"""
